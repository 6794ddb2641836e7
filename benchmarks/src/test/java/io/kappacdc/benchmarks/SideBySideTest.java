package io.kappacdc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.benchmarks.peers.Report;
import io.kappacdc.benchmarks.peers.Result;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SideBySideTest {
  private static final List<String> BOTH = List.of("kappa", "plain recipe");
  private static final Report WHOLE =
      report("2026-01-01", Map.of("backlog", "1000000", "steadySeconds", "60"), BOTH, "drain");

  private static Report report(
      String day, Map<String, String> load, List<String> contenders, String... phases) {
    List<Result> results =
        Stream.of(phases)
            .flatMap(phase -> contenders.stream().map(contender -> result(contender, phase)))
            .toList();
    return new Report(
        "lake",
        day + "T00:00:00Z",
        "run",
        new Machine("0123456789ab", "a processor", 2, 23, "Linux", "17"),
        0,
        load,
        Map.of(),
        Map.of(),
        results);
  }

  private static Result result(String contender, String phase) {
    return new Result(contender, phase, 1, 1_000_000, 20, Map.of(), 0, true, 0, List.of(), null);
  }

  @Test
  void aTrialIsNoNewerRecord() {
    Report small = report("2026-01-02", Map.of("backlog", "100000"), BOTH, "drain");
    Report alone = report("2026-01-03", Map.of("backlog", "1000000"), List.of("kappa"), "drain");
    Report brief = report("2026-01-04", Map.of("steadySeconds", "10"), BOTH, "steady 5000/s");

    SideBySide records = new SideBySide(List.of(alone, brief, small, WHOLE));

    assertThat(records.newest("lake", "drain")).contains(WHOLE);
    assertThat(records.newest("lake", "steady 5000/s")).isEmpty();
    assertThat(records.shown()).containsExactly(WHOLE);
  }

  @Test
  void aRecordOfOnePhaseLeavesTheOthersToTheOlderOne() {
    Report steady = report("2026-01-02", Map.of("steadySeconds", "60"), BOTH, "steady 5000/s");

    SideBySide records = new SideBySide(List.of(steady, WHOLE));

    assertThat(records.newest("lake", "drain")).contains(WHOLE);
    assertThat(records.newest("lake", "steady 5000/s")).contains(steady);
    assertThat(records.shown()).containsExactly(WHOLE, steady);
  }

  @Test
  void aNewerRecordTakesThePlaceOfAnOlderOne() {
    Report newer = report("2026-01-02", Map.of("backlog", "1000000"), BOTH, "drain");

    assertThat(new SideBySide(List.of(newer, WHOLE)).shown()).containsExactly(newer);
  }
}
