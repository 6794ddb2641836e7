package io.kappacdc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JmhComparisonTest {
  @TempDir Path directory;

  @Test
  void aStepThatIsSlowerInEveryTurnIsARegression() {
    assertThat(compare(List.of(100, 140, 90, 120), List.of(131, 180, 118, 157)))
        .singleElement()
        .satisfies(
            ratio -> {
              assertThat(ratio.ratio()).isEqualTo(1.30, within(0.02));
              assertThat(ratio.isRegression()).isTrue();
            });
  }

  @Test
  void aStepThatIsSlowerNowAndThenIsNone() {
    assertThat(compare(List.of(100, 140, 90, 120), List.of(160, 130, 150, 119)))
        .singleElement()
        .satisfies(
            ratio -> {
              assertThat(ratio.ratio()).isGreaterThan(1.10);
              assertThat(ratio.low()).isLessThan(1.0);
              assertThat(ratio.isRegression()).isFalse();
            });
  }

  @Test
  void aStepThatWasNotThereBeforeIsLeftOut() {
    assertThat(
            JmhComparison.compare(
                List.of(Map.of("a", 1.0), Map.of("a", 1.0)),
                List.of(Map.of("a", 1.0, "b", 1.0), Map.of("a", 1.0, "b", 1.0))))
        .extracting(JmhComparison.Ratio::name)
        .containsExactly("a");
  }

  @Test
  void scoresAreNamedByMethodAndParameters() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("jmh.json"),
            """
            [{"benchmark": "io.kappacdc.benchmarks.CodecBenchmark.decode",
              "params": {"workload": "WIDE_ROW"},
              "primaryMetric": {"score": 12.5, "scoreError": 1}}]
            """);

    assertThat(JmhComparison.scores(file))
        .isEqualTo(Map.of("CodecBenchmark.decode workload=WIDE_ROW", 12.5));
  }

  private static List<JmhComparison.Ratio> compare(List<Integer> before, List<Integer> now) {
    return JmhComparison.compare(turns(before), turns(now));
  }

  private static List<Map<String, Double>> turns(List<Integer> times) {
    return times.stream().map(time -> Map.of("step", (double) time)).toList();
  }
}
