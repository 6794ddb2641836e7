package io.kappacdc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerformancePageTest {
  private static final Path ROOT = Path.of(System.getProperty("kappa.root"));
  private static final String MARKS =
      "before\n<!-- from benchmarks/results: begin -->\nold\n"
          + "<!-- from benchmarks/results: end -->\nafter\n";

  @TempDir Path results;

  /** A run of {@code kappa bench}, as far as the page reads it. */
  private void record(String commit, String at, int p99) throws IOException {
    Files.writeString(
        results.resolve(at + ".json"),
        """
        {"at": "%s",
         "spec": {"name": "funds", "changesPerSecond": 500, "durationSeconds": 60, "warmUpSeconds": 5},
         "environment": {"commit": "%s", "processor": "x", "cores": 2, "memoryMebibytes": 2048},
         "verdict": {"counts": true, "remarks": ["a remark"], "targets": [
           {"what": "postgres-trail p99", "wanted": 500.0, "reached": %d, "unit": "ms"}]},
         "figures": {
           "latency": {"postgres-trail": {"p50Millis": 10.4, "p99Millis": %d, "maxMillis": 1234.5}},
           "stages": {"kafka: readable": {"p50Millis": 1, "p99Millis": 2, "maxMillis": 3}},
           "cpuSeconds": {"capture": 6.0, "foreign": 12.0}}}
        """
            .formatted(at, commit, p99, p99));
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
