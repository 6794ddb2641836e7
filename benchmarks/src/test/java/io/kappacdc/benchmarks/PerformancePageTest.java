package io.kappacdc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PerformancePageTest {
  private static final Path ROOT = Path.of(System.getProperty("kappa.root"));
  private static final String MARKS =
      "before\n<!-- from benchmarks/results: begin -->\nold\n"
          + "<!-- from benchmarks/results: end -->\nafter\n";

  @TempDir Path results;

  /** A run of {@code kappa bench}, as far as the page reads it. */
  private void record(String commit, String at, int p99) throws IOException {
    record(commit, at, p99, "", "");
  }

  /** The same with something else in it. */
  private void record(String commit, String at, int p99, String usual, String other)
      throws IOException {
    Files.writeString(
        results.resolve(at + ".json"),
        """
        {"at": "%s",
         "spec": {"name": "funds", "changesPerSecond": 500, "durationSeconds": 60, "warmUpSeconds": 5,
                  "workloadFingerprint": "f00", "rows": 0},
         "environment": {"commit": "%s", "processor": "x", "cores": 2, "memoryMebibytes": 2048,
                         "java": "17", "config": {"kafka.partitions": "2"}},
         "verdict": {"counts": true, "remarks": ["a remark"], "targets": [
           {"what": "postgres-trail p99", "wanted": 500.0, "reached": %d, "unit": "ms"}]},
         "figures": {
           "latency": {"postgres-trail": {"p50Millis": 10.4, "p99Millis": %d, "maxMillis": 1234.5}},
           "stages": {"kafka: readable": {"p50Millis": 1, "p99Millis": 2, "maxMillis": 3}},
           "cpuSeconds": {"capture": 6.0, "foreign": 12.0}}}
        """
            .formatted(at, commit, p99, p99)
            .replace(usual, other));
  }

  private String tables() throws IOException {
    return new PerformancePage(results).putInto(MARKS);
  }

  @Test
  void runsOfTheNewestCommitAreGivenByTheirMedian() throws IOException {
    record("aaaaaaaaaaaaaaa", "2026-01-01T00:00:00Z", 9_000);
    record("bbbbbbbbbbbbbbb", "2026-01-02T00:00:00Z", 400);
    record("bbbbbbbbbbbbbbb", "2026-01-02T01:00:00Z", 600);
    record("bbbbbbbbbbbbbbb", "2026-01-02T02:00:00Z", 450);

    assertThat(tables())
        .contains("medians of 3 runs of 60 s", "commit bbbbbbbbbb,", "took 10 % of the machine")
        .contains("| postgres-trail | 10 | 450 | 1,235 |")
        .contains("| postgres-trail p99 | 500 ms | 450 | reached |")
        .contains("Cores used: capture 0.10 foreign 0.20.", "- a remark")
        .startsWith("before\n")
        .endsWith("after\n")
        .doesNotContain("old", "aaaa");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"workloadFingerprint\": \"f00\" | \"workloadFingerprint\": \"f01\"",
        "\"changesPerSecond\": 500          | \"changesPerSecond\": 100",
        "\"rows\": 0                        | \"rows\": 9",
        "\"durationSeconds\": 60            | \"durationSeconds\": 30",
        "\"cores\": 2                       | \"cores\": 4",
        "\"processor\": \"x\"             | \"processor\": \"y\"",
        "\"memoryMebibytes\": 2048          | \"memoryMebibytes\": 4096",
        "\"java\": \"17\"                 | \"java\": \"21\"",
        "\"kafka.partitions\": \"2\"      | \"kafka.partitions\": \"8\""
      })
  void runsThatDifferHaveNoMedian(String usual, String other) throws IOException {
    record("bbbbbbbbbbbbbbb", "2026-01-02T00:00:00Z", 9_000, usual, other);
    record("bbbbbbbbbbbbbbb", "2026-01-02T01:00:00Z", 400);
    record("bbbbbbbbbbbbbbb", "2026-01-02T02:00:00Z", 600);

    assertThat(tables())
        .contains("medians of 2 runs of 60 s", "| postgres-trail | 10 | 500 | 1,235 |");
  }

  @Test
  void runsOfATreeWithChangesHaveNoMedian() throws IOException {
    record("bbbbbbbbbbbbbbb+changes", "2026-01-02T00:00:00Z", 400);
    record("bbbbbbbbbbbbbbb+changes", "2026-01-02T01:00:00Z", 600);

    assertThat(tables())
        .contains("one run of 60 s", "commit bbbbbbbbbb with changes,")
        .contains("| postgres-trail | 10 | 600 | 1,235 |");
  }

  @Test
  void aRunThatDoesNotCountIsLeftOutAndSaid() throws IOException {
    record("bbbbbbbbbbbbbbb", "2026-01-02T00:00:00Z", 400);
    record(
        "bbbbbbbbbbbbbbb",
        "2026-01-02T01:00:00Z",
        9_000,
        "\"counts\": true",
        "\"counts\": false, \"failures\": [\"the rate was not reached\"]");

    assertThat(tables())
        .contains("one run of 60 s", "Verified; 1 of 2 runs do not count and are left out;")
        .contains("| postgres-trail | 10 | 400 | 1,235 |")
        .contains("- does not count: the rate was not reached");
  }

  @Test
  void remarksOfAllRunsAreSaid() throws IOException {
    record("bbbbbbbbbbbbbbb", "2026-01-02T00:00:00Z", 400);
    record("bbbbbbbbbbbbbbb", "2026-01-02T01:00:00Z", 400);
    record("bbbbbbbbbbbbbbb", "2026-01-02T02:00:00Z", 400, "a remark", "another one");

    assertThat(tables()).containsOnlyOnce("- a remark").contains("- another one");
  }

  @Test
  void aFigureThatIsNotKnownReachesNothing() throws IOException {
    record("bbbbbbbbbbbbbbb", "2026-01-02T00:00:00Z", 400, "\"reached\": 400", "\"reached\": null");

    assertThat(tables()).contains("| postgres-trail p99 | 500 ms | unknown | **missed** |");
  }

  @Test
  void aMissedTargetIsSaid() throws IOException {
    record("aaaaaaaaaaaaaaa", "2026-01-01T00:00:00Z", 501);

    assertThat(tables()).contains("| postgres-trail p99 | 500 ms | 501 | **missed** |");
  }

  @Test
  void recordedResultsInTheDocsAreThoseOfTheRecords() throws IOException {
    if (Boolean.getBoolean("kappa.regenerate")) {
      PerformancePage.main(new String[] {ROOT.toString()});
    }

    String page = Files.readString(ROOT.resolve("docs/performance.md"));

    assertThat(new PerformancePage(ROOT.resolve("benchmarks/results")).putInto(page))
        .isEqualTo(page);
  }
}
