package io.kappacdc.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.benchmarks.Machine;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static Result drain(int round, double changesPerSecond) {
    return new Result(
        "kappa",
        "drain",
        round,
        1_000_000,
        20,
        Map.of("kafka", 10.0, "capture", 20.0),
        4,
        true,
        0,
        List.of(new Result.Store("Kafka", changesPerSecond, null, null)),
        null);
  }

  private static Result wrong(int round, double changesPerSecond) {
    Arrival.Correctness lost = new Arrival.Correctness(1_000_000L, 0L, 7L, 0, 0, 0);
    return new Result(
        "kappa",
        "drain",
        round,
        1_000_000,
        20,
        Map.of("kafka", 10.0, "capture", 20.0),
        4,
        true,
        0,
        List.of(new Result.Store("Kafka", changesPerSecond, null, lost)),
        null);
  }

  private static Report report(Result... results) {
    Machine machine = new Machine("0123456789ab", "a processor", 2, 23, "Linux", "17");
    return new Report(
        "capture",
        "2026-01-01T00:00:00Z",
        "run capture",
        machine,
        0,
        Map.of(),
        Map.of(),
        Map.of(),
        List.of(results));
  }

  @Test
  void aContenderThatFailedIsInTheTableWithItsReason() {
    String table = report(Result.failed("peer", "drain", 2, "it ended with code 1")).markdown();

    assertThat(table).contains("| peer | drain | FAILED in round 2: it ended with code 1 |");
  }

  @Test
  void aContenderThatFailedOnceStillShowsItsOtherRuns() {
    String table = report(drain(1, 500), Result.failed("kappa", "drain", 2, "no")).markdown();

    assertThat(table).contains("FAILED in round 2").contains("| Kafka | 500 |");
  }

  @Test
  void aRunThatLostChangesIsInNoMedianOfThoseThatAreRight() {
    Report report = report(drain(1, 100), drain(2, 300), wrong(3, 9_000));

    assertThat(report.median("kappa", "drain", "Kafka", Result.Store::changesPerSecond))
        .hasValue(200);
    assertThat(report.markdown())
        .contains("| Kafka | 200 |  |  |  | 30.0 | 0.2 |  | 2 |")
        .contains(
            "| Kafka | 9,000 |  |  |  | 30.0 | 0.2 | no: duplicates 0, lost 7, rows missing 0, extra"
                + " 0, different 0 | 1 |");
  }

  @Test
  void aRunThatDidNotFinishOrGetItsLoadHasNoMedian() {
    Result drained = drain(1, 100);
    Result late =
        new Result("kappa", "drain", 1, 9, 9, Map.of(), 0, false, 0, drained.stores(), null);
    Result idle =
        new Result("kappa", "drain", 2, 9, 9, Map.of(), 0, true, 0.5, drained.stores(), null);

    assertThat(report(late, idle).median("kappa", "drain", "Kafka", s -> s.changesPerSecond()))
        .isEmpty();
  }

  @Test
  void severalRunsAreGivenByTheirMedian() {
    String table = report(drain(1, 100), drain(2, 900), drain(3, 300)).markdown();

    assertThat(table).contains("| kappa | drain | Kafka | 300 |  |  |  | 30.0 | 0.2 |  | 3 |");
  }
}
