package io.kappacdc.benchmarks;

import java.util.Arrays;
import java.util.Collection;
import java.util.function.ToDoubleFunction;

/** The middle of several runs' figures. */
public final class Medians {
  private Medians() {}

  /**
   * The median; of an even number the mean of the two in the middle.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static <T> double of(Collection<T> runs, ToDoubleFunction<T> figure) {
    return of(runs.stream().mapToDouble(figure).toArray());
  }

  /** The same of figures. */
  static double of(double... figures) {
    if (figures.length == 0) {
      throw new IllegalArgumentException("There are no runs");
    }
    double[] sorted = figures.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
