package io.kappacdc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JmhComparisonTest {
  @TempDir Path directory;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();

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
  void twoTurnsAreRefused() throws Exception {
    assertThat(run(turn("step", 100), turn("step", 200), turn("step", 100), turn("step", 200)))
        .isEqualTo(2);
  }

  @Test
  void aRegressionFails() throws Exception {
    Path before = turn("step", 100);
    Path slower = turn("step", 130);

    assertThat(run(before, before, before, before, before, before)).isZero();
    assertThat(run(before, slower, before, slower, before, slower)).isEqualTo(1);
  }

  @Test
  void aStepThatIsMissingNowFails() throws Exception {
    Path before = Files.writeString(directory.resolve("both.json"), results("step", "lost"));
    Path now = turn("step", 100);

    assertThat(run(before, now, before, now, before, now)).isEqualTo(1);
    assertThat(output.toString(StandardCharsets.UTF_8)).containsPattern("B\\.lost +MISSING");
  }

  @Test
  void nothingToCompareFails() throws Exception {
    Path empty = Files.writeString(directory.resolve("empty.json"), "[]");

    assertThat(run(empty, empty, empty, empty, empty, empty)).isEqualTo(1);
  }

  private int run(Path... files) throws IOException {
    return JmhComparison.run(
        Stream.of(files).map(Path::toString).toArray(String[]::new),
        new PrintStream(output, true, StandardCharsets.UTF_8));
  }

  private Path turn(String step, int score) throws IOException {
    return Files.writeString(
        directory.resolve(step + score + ".json"),
        results(step).replace("100", Integer.toString(score)));
  }

  private static String results(String... steps) {
    return Stream.of(steps)
        .map("{\"benchmark\": \"x.B.%s\", \"primaryMetric\": {\"score\": 100}}"::formatted)
        .collect(Collectors.joining(", ", "[", "]"));
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
