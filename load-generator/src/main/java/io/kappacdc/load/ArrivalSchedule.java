package io.kappacdc.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * When transactions arrive: at a rate that changes evenly within each segment, whatever the source
 * does with them. Times are nanoseconds since the load's start.
 */
public final class ArrivalSchedule {
  private static final double NANOS = 1e9;

  private final List<Segment> segments = new ArrayList<>();
  private final Duration duration;
  private final long total;

  /**
   * A part of the load.
   *
   * @param startSeconds when it begins
   * @param seconds how long it is
   * @param fromPerSecond arrivals a second at its begin
   * @param toPerSecond arrivals a second at its end
   * @param before arrivals before it, not rounded
   */
  public record Segment(
      double startSeconds,
      double seconds,
      double fromPerSecond,
      double toPerSecond,
      double before) {

    double arrivals() {
      return seconds * (fromPerSecond + toPerSecond) / 2;
    }

    private double arrivalsBy(double intoSegment) {
      double slope = (toPerSecond - fromPerSecond) / seconds;
      return intoSegment * (fromPerSecond + slope * intoSegment / 2);
    }

    /** When so many arrivals of this segment have come. */
    private double secondsOf(double arrivals) {
      double slope = (toPerSecond - fromPerSecond) / seconds;
      // The root of slope/2 t² + from t = arrivals in the form that a slope of 0 does not harm.
      double root = Math.sqrt(fromPerSecond * fromPerSecond + 2 * slope * arrivals);
      return fromPerSecond + root == 0 ? 0 : 2 * arrivals / (fromPerSecond + root);
    }
  }

  /**
   * Pieces of the profile end at whole seconds, the last one at the load's end.
   *
   * @param perSecondMax arrivals a second where the profile is highest
   */
  public ArrivalSchedule(double perSecondMax, Duration duration, Profile profile) {
    this.duration = duration;
    double all = duration.toNanos() / NANOS;
    double shares = 0;
    double start = 0;
    double before = 0;
    for (Profile.Piece piece : profile.pieces()) {
      shares += piece.share();
      double end = shares > 1 - 1e-9 ? all : Math.rint(all * shares);
      if (end <= start) {
        continue; // so short that it rounds to nothing
      }
      Segment segment =
          new Segment(
              start, end - start, perSecondMax * piece.from(), perSecondMax * piece.to(), before);
      segments.add(segment);
      start = end;
      before += segment.arrivals();
    }
    this.total = before == 0 ? 0 : Math.max(1, (long) Math.ceil(before - 1e-6));
  }

  public List<Segment> segments() {
    return List.copyOf(segments);
  }

  /** The time that arrival {@code index}, from 0, is meant for. */
  public long nanosOf(long index) {
    Segment segment = segments.get(0);
    for (Segment candidate : segments) {
      if (candidate.before() <= index) {
        segment = candidate;
      }
    }
    double seconds = segment.startSeconds() + segment.secondsOf(index - segment.before());
    return Math.min((long) (seconds * NANOS), duration.toNanos() - 1);
  }

  /** Arrivals that were meant to have happened by then. */
  public long dueBy(long nanos) {
    if (nanos < 0) {
      return 0;
    }
    double seconds = Math.min(nanos, duration.toNanos()) / NANOS;
    double arrivals = 0;
    for (Segment segment : segments) {
      double into = Math.min(seconds - segment.startSeconds(), segment.seconds());
      if (into >= 0) {
        arrivals = segment.before() + segment.arrivalsBy(into);
      }
    }
    // Rounding can be one off either way at the very moment of an arrival.
    long due = Math.min((long) arrivals + 1, total);
    while (due > 0 && nanosOf(due - 1) > nanos) {
      due--;
    }
    while (due < total && nanosOf(due) <= nanos) {
      due++;
    }
    return due;
  }

  /** All arrivals of the load. */
  public long total() {
    return total;
  }
}
