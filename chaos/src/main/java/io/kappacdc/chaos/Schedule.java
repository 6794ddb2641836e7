package io.kappacdc.chaos;

import io.kappacdc.chaos.fault.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Which faults happen when: a function of seed and list of faults alone. The first n faults of a
 * longer schedule are those of the shorter one.
 */
final class Schedule {
  /**
   * A fault to come.
   *
   * @param number from 1
   * @param seed of its parameters
   * @param lullMillis how long the pipeline is left alone before
   */
  record Planned(int number, Fault fault, long seed, int lullMillis) {}

  private static final int LULL_MAX_MILLIS = 1_500;

  private Schedule() {}

  static List<Planned> of(long seed, List<Fault> faults, int count) {
    SplittableRandom random = new SplittableRandom(seed);
    int weights = faults.stream().mapToInt(Fault::weight).sum();
    List<Planned> planned = new ArrayList<>();
    for (int number = 1; number <= count; number++) {
      planned.add(
          new Planned(
              number,
              at(random.nextInt(weights), faults),
              random.nextLong(),
              random.nextInt(LULL_MAX_MILLIS)));
    }
    return List.copyOf(planned);
  }

  private static Fault at(int place, List<Fault> faults) {
    int left = place;
    for (Fault fault : faults) {
      left -= fault.weight();
      if (left < 0) {
        return fault;
      }
    }
    throw new IllegalArgumentException("place " + place + " is beyond the weights");
  }
}
