package io.kappacdc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kappacdc.benchmarks.peers.Report;
import io.kappacdc.benchmarks.peers.Result;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetTableTest {
  private static JsonNode run(int trailP99, boolean keptUp) throws IOException {
    return new ObjectMapper()
        .readTree(
            """
            {"spec": {"workload": "funds", "changesPerSecond": 10000.0, "rows": 1000000, "durationSeconds": 600},
             "verdict": {"counts": true, "targets": []},
             "figures": {"changesPerSecond": 10000.0, "keptUp": %s, "cpuSecondsPerMillion": 131.0,
               "latency": {"postgres-trail": {"p50Millis": 100, "p99Millis": %d}}}}
            """
                .formatted(keptUp, trailP99));
  }

  private static JsonNode run(String usual, String other) throws IOException {
    return new ObjectMapper().readTree(run(200, true).toString().replace(usual, other));
  }

  private static String table(JsonNode... runs) {
    return TargetTable.of(
        Map.of("funds-10k", new BenchRuns(List.of(runs))), new SideBySide(List.of()));
  }

  private static String table(Report report) {
    return TargetTable.of(Map.of(), new SideBySide(List.of(report)));
  }

  private static Result drain(String contender, boolean complete, Result.Store... stores) {
    return new Result(
        contender, "drain", 1, 1_000_000, 20, Map.of(), 0, complete, 0, List.of(stores), null);
  }

  private static Result.Store store(String name, double changesPerSecond) {
    return new Result.Store(name, changesPerSecond, null, null);
  }

  private static Report report(String side, Result... results) {
    return new Report(
        side,
        "2026-01-01T00:00:00Z",
        "run",
        new Machine("0123456789ab", "a processor", 2, 23, "Linux", "17"),
        0,
        Map.of("backlog", "1000000", "rowsOfSnapshot", "1000000", "steadySeconds", "60"),
        Map.of(),
        Map.of(),
        Arrays.asList(results));
  }

  @Test
  void everyFigureIsHeldAgainstBothBars() throws IOException {
    String table = table(run(200, true), run(1_400, true), run(300, true));

    assertThat(table)
        .contains(
            "| load that all stores keep up with, verified | changes/s | 10,000 | 20,000 | 10,000 | first |")
        .contains("| commit to postgres-trail at 10,000/s, p50 | ms | 500 |  | 100 | first |")
        .contains("| commit to postgres-trail at 10,000/s, p99 | ms | 1,500 | 300 | 300 | next |")
        .contains(
            "| CPU of the pipeline at 10,000/s | s/million changes | 120 | 60 | 131 | **neither** |")
        .contains(
            "| initial snapshot of 1,000,000 rows into all stores | a second | 60,000 | 150,000 | not recorded |");
  }

  @Test
  void aLoadThatStoresFellBehindOfIsNoneThatTheyKeepUpWith() throws IOException {
    assertThat(table(run(200, true), run(200, false)))
        .contains("changes/s | 10,000 | 20,000 | not recorded |");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"changesPerSecond\":10000.0,\"rows\" | \"changesPerSecond\":1000.0,\"rows\"",
        "\"rows\":1000000                      | \"rows\":1000",
        "\"durationSeconds\":600               | \"durationSeconds\":20",
        "\"workload\":\"funds\"              | \"workload\":\"other.yaml\""
      })
  void aRunThatIsNotTheBenchmarkOfItsNameFillsNoRow(String usual, String other) throws IOException {
    assertThat(table(run(usual, other)))
        .contains("at 10,000/s, p99 | ms | 1,500 | 300 | not recorded |");
  }

  @Test
  void aShorterRunIsSaidToBeOne() throws IOException {
    assertThat(table(run("\"durationSeconds\":600", "\"durationSeconds\":300")))
        .contains("at 10,000/s, p99 | ms | 1,500 | 300 | 200 in 300 s | next |");
  }

  @Test
  void aRunThatDoesNotCountReachesNothing() throws IOException {
    JsonNode uncounted = run("\"counts\":true", "\"counts\":false");

    assertThat(table(uncounted))
        .contains("at 10,000/s, p99 | ms | 1,500 | 300 | does not count |  |");
    assertThat(table(uncounted, run(1_000, true)))
        .contains("at 10,000/s, p99 | ms | 1,500 | 300 | 1,000 | first |");
  }

  @Test
  void whatIsNotKnownReachesNothing() throws IOException {
    assertThat(table(run("\"cpuSecondsPerMillion\":131.0", "\"cpuSecondsPerMillion\":null")))
        .contains(
            "| CPU of the pipeline at 10,000/s | s/million changes | 120 | 60 | not recorded |  |");
  }

  @Test
  void captureIsGivenAsARatioBesideWhatOthersReached() {
    Report report =
        report(
            "capture",
            drain("kappa capture", true, store("Kafka", 75_000)),
            drain("Debezium Server", true, store("Kafka", 50_000)),
            drain("Debezium Server, tuned", true, store("Kafka", 60_000)));

    assertThat(table(report))
        .contains(
            "| times Debezium Server | 1.2 | 2.0 | 1.5 | first |"
                + " kappa capture, Kafka: 75,000; Debezium Server, Kafka: 50,000; Debezium Server, tuned, Kafka: 60,000 |");
  }

  @Test
  void allStoresAreAsFastAsTheSlowest() {
    Report report =
        report(
            "lake",
            drain(
                "kappa",
                true,
                store("PostgreSQL trail", 90_000),
                store("Delta trail", 30_000),
                store("Delta mirror", 20_000)),
            drain("plain recipe", false, store("Delta append", 9_000)));

    assertThat(table(report))
        .contains(
            "| 25,000 | 50,000 | 20,000 | **neither** | kappa, PostgreSQL trail: 90,000;"
                + " kappa, Delta trail: 30,000; kappa, Delta mirror: 20,000 |")
        .doesNotContain("plain recipe");
  }
}
