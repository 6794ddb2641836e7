package io.kappacdc.cli.bench.measure;

/** Counts changes that come from no Kafka. */
public final class ChangeForTests {
  private ChangeForTests() {}

  public static void count(
      ChangeTimes times, PartitionId partition, long offset, long commitMicros) {
    times.count(partition, offset, commitMicros, commitMicros);
  }
}
