package io.kappacdc.cli.console;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The last figures, so many as it was made for; older ones go. Thread-safe. */
final class Points {
  private final int max;
  private final ArrayDeque<Point> points = new ArrayDeque<>();
  private long next = 1;

  /**
   * Figures at one moment.
   *
   * @param sequence counts points
   * @param values in the order of {@link Field#ALL}, NaN for what is not known
   */
  record Point(long sequence, long atMillis, double[] values) {}

  Points(int max) {
    this.max = max;
  }

  synchronized void add(long atMillis, double[] values) {
    points.addLast(new Point(next++, atMillis, values));
    if (points.size() > max) {
      points.removeFirst();
    }
  }

  /** The last {@code count} points, oldest first. */
  synchronized List<Point> last(int count) {
    List<Point> all = new ArrayList<>(points);
    return all.subList(Math.max(0, all.size() - count), all.size());
  }

  /**
   * The points after one, oldest first: the last {@code whole} as they are, of those before {@code
   * group} each folded into one.
   */
  List<Point> since(long sequence, int whole, int group) {
    List<Point> newer;
    synchronized (this) {
      newer = points.stream().filter(point -> point.sequence() > sequence).toList();
    }
    int split = Math.max(0, newer.size() - whole);
    List<Point> thinned = new ArrayList<>();
    for (int from = 0; from < split; from += group) {
      thinned.add(fold(newer.subList(from, Math.min(from + group, split))));
    }
    thinned.addAll(newer.subList(split, newer.size()));
    return thinned;
  }

  /** Several points as one at the moment of the last; NaN counts for nothing. */
  static Point fold(List<Point> group) {
    double[] values = new double[Field.ALL.size()];
    for (int field = 0; field < values.length; field++) {
      int index = field;
      double[] known =
          group.stream()
              .mapToDouble(point -> point.values()[index])
              .filter(Double::isFinite)
              .toArray();
      values[field] =
          known.length == 0
              ? Double.NaN
              : switch (Field.ALL.get(field).fold()) {
                case MEAN -> Arrays.stream(known).average().orElseThrow();
                case SUM -> Arrays.stream(known).sum();
                case MAX -> Arrays.stream(known).max().orElseThrow();
              };
    }
    Point last = group.get(group.size() - 1);
    return new Point(last.sequence(), last.atMillis(), values);
  }
}
