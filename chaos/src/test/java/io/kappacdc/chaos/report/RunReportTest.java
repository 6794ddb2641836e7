package io.kappacdc.chaos.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kappacdc.chaos.report.Outcome.Verdict;
import io.kappacdc.runtime.KappaException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunReportTest {
  private static final RunReport.Head HEAD =
      new RunReport.Head(5, 9, "", "abc", Instant.parse("2026-01-02T03:04:05Z"), null);

  private static Outcome outcome(int number, String fault, Verdict verdict, long seconds) {
    return new Outcome(
        number,
        fault,
        "",
        verdict,
        Map.of("topics", Duration.ofMillis(10), "trail", Duration.ofSeconds(seconds)),
        verdict == Verdict.FAILED ? 3 : 0,
        verdict == Verdict.FAILED ? 2 : 0,
        verdict == Verdict.FAILED ? List.of("trail: lost 3") : List.of());
  }

  private static RunReport report(List<Outcome> outcomes) {
    return new RunReport(HEAD, outcomes, 100, 400, 7, 1, null);
  }

  private static final List<Outcome> GOOD =
      List.of(
          outcome(1, "kill", Verdict.SURVIVED, 1),
          outcome(2, "kill", Verdict.SURVIVED, 9),
          outcome(3, "kill", Verdict.SURVIVED, 4),
          outcome(4, "kill", Verdict.MISSED, 0),
          outcome(5, "drop", Verdict.REFUSED, 20));

  @Test
  void countsEachFaultWithMedianAndLongestRecoveryAndLeavesOutWhatDidNotHappen() {
    RunReport report = report(GOOD);

    assertThat(report.isRight()).isTrue();
    assertThat(report.happened()).isEqualTo(4);
    assertThat(report.lines())
        .containsExactly(
            new RunReport.Line(
                "drop", 1, 0, 1, 0, 0, Duration.ofSeconds(20), Duration.ofSeconds(20)),
            new RunReport.Line(
                "kill", 3, 3, 0, 0, 0, Duration.ofSeconds(4), Duration.ofSeconds(9)));
  }

  @Test
  void isWrongAsSoonAsOneFaultIsNotSurvived() {
    List<Outcome> outcomes = new ArrayList<>(GOOD);
    outcomes.add(outcome(6, "kill", Verdict.FAILED, 0));

    RunReport report = report(outcomes);

    assertThat(report.isRight()).isFalse();
    assertThat(report.firstFailure().orElseThrow().number()).isEqualTo(6);
    assertThat(report.total().lost()).isEqualTo(3);
    assertThat(report.total().survived()).isEqualTo(3);
  }

  @Test
  void isATableInMarkdown() {
    assertThat(MarkdownReport.write(report(GOOD)))
        .contains("Seed 5, 4 faults, commit abc, 2026-01-02.")
        .contains("100 transactions, 400 changes, 7 cuts checked, 1 verifications row by row.")
        .contains(
            "| kill                       |     3 |        3 |       0 |    0 |          0 |"
                + "           4.0 s |        9.0 s |");
  }

  @Test
  void isJsonForPrograms() throws Exception {
    JsonNode json = new ObjectMapper().readTree(JsonReport.write(report(GOOD)));

    assertThat(json.get("right").asBoolean()).isTrue();
    assertThat(json.get("all").get("times").asInt()).isEqualTo(4);
    assertThat(json.get("outcomes")).hasSize(5);
    assertThat(json.get("outcomes").get(1).get("recoveryMillis").asLong()).isEqualTo(9000);
    assertThat(json.get("outcomes").get(1).get("recoveryMillisByStore").get("topics").asLong())
        .isEqualTo(10);
  }

  private static RunReport run(long seed, String commit, List<Outcome> outcomes) {
    return new RunReport(
        new RunReport.Head(seed, 9, "", commit, HEAD.startedAt(), null),
        outcomes,
        100,
        400,
        7,
        1,
        null);
  }

  @Test
  void isReadBackAsItWasWritten() {
    RunReport report = report(GOOD);

    assertThat(JsonReport.read("a.json", JsonReport.write(report))).isEqualTo(report);
  }

  @Test
  void whatIsNoReportIsNotReadAsOne() {
    assertThatThrownBy(() -> JsonReport.read("a.json", "{\"seed\": 1}"))
        .isInstanceOf(KappaException.class)
        .hasMessageContaining("a.json")
        .hasMessageContaining("outcomes");
  }

  @Test
  void severalRunsAreCountedInOneTable() {
    Runs runs = Runs.ofOneCommit(List.of(run(5, "abc", GOOD), run(6, "abc", GOOD)));

    assertThat(runs.isRight()).isTrue();
    assertThat(MarkdownReport.write(runs))
        .contains(
            "2 runs, seeds 5, 6, 8 faults, 2 of them refused clearly, commit abc, 2026-01-02.")
        .contains("200 transactions, 800 changes, 14 cuts checked, 2 verifications row by row.")
        .contains("| kill                       |     6 |        6 |       0 |")
        .contains("| all                        |     8 |        6 |       2 |");
  }

  @Test
  void runsThatDoNotGoTogetherAreRefused() {
    RunReport first = run(5, "abc", GOOD);

    assertThatThrownBy(() -> Runs.ofOneCommit(List.of(first, run(6, "abd", GOOD))))
        .isInstanceOf(KappaException.class)
        .hasMessageContaining("abc, abd");
    assertThatThrownBy(() -> Runs.ofOneCommit(List.of(first, run(5, "abc", GOOD))))
        .isInstanceOf(KappaException.class)
        .hasMessageContaining("twice");
    assertThat(new Runs(List.of(first, run(6, "abd", GOOD))).commits())
        .containsExactly("abc", "abd");
  }
}
