package io.kappacdc.cli.bench.measure;

/**
 * The measured part of a run, by the source's commit times: changes committed in it count, whenever
 * they arrive. Microseconds since 1970.
 *
 * @param from inclusive
 * @param to exclusive
 */
public record Window(long from, long to) {
  public Window {
    if (to <= from) {
      throw new IllegalArgumentException("A window must not end before it begins");
    }
  }

  public boolean contains(long micros) {
    return micros >= from && micros < to;
  }

  public double seconds() {
    return (to - from) / 1e6;
  }

  /** Whole seconds since its begin; negative before it. */
  public int secondOf(long micros) {
    return (int) Math.floorDiv(micros - from, 1_000_000L);
  }
}
