package io.kappacdc.benchmarks.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kappacdc.benchmarks.Machine;
import io.kappacdc.benchmarks.scale.ScaleRecord.Result;
import io.kappacdc.benchmarks.scale.ScaleRecord.Result.Percentiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScalePageTest {
  @TempDir private Path directory;

  private static Result load(int rate, double cores, boolean keptUp) {
    return result("LOAD", rate, rate, cores, keptUp);
  }

  private static Result result(
      String dimension, int value, int rate, double cores, boolean keptUp) {
    return new Result(
        dimension,
        value,
        rate,
        "",
        keptUp,
        cores,
        cores * 1_000_000 / rate,
        Map.of("processor", cores),
        1500,
        Map.of("postgres-trail", new Percentiles(100, 300)));
  }

  private static ScaleRecord of(Result... results) {
    return of("2026-11-21T20:00:00Z", results);
  }

  private static ScaleRecord of(String at, Result... results) {
    return new ScaleRecord(
        at,
        "benchmarks/scale",
        new Machine("0123456789abcdef", "CPU", 2, 24, "Linux", "17"),
        30,
        60,
        List.of(results));
  }

  private static String page(ScaleRecord... records) {
    return ScalePage.of(List.of(records));
  }

  @Test
  void theLineGoesThroughTheRunsThatKeptUp() {
    String page =
        page(
            of(
                load(1_000, 0.3, true),
                load(5_000, 0.7, true),
                load(10_000, 1.2, true),
                load(20_000, 1.3, false)));

    assertThat(page)
        .contains("Cores = 0.20 + 0.1000 × thousand changes/s explains 100.0 %")
        .contains("On that line 50,000 changes/s take 5 cores, 100,000 take 10:")
        .contains("x-axis \"changes/s\" [\"1,000\", \"5,000\", \"10,000\"]")
        .contains("y-axis \"cores\" 0 --> 1.32")
        .contains("line [0.30, 0.70, 1.20]")
        .contains("| 10,000 | 10,000 | 1.20 | 120 | 1,500 | 100 / 300 | - | - |")
        .contains("| (20,000) | 20,000 |");
  }

  @Test
  void smallTransactionsCostByTheirNumber() {
    String page =
        page(
            of(
                result("TRANSACTION_ROWS", 1, 2_000, 0.5, true),
                result("TRANSACTION_ROWS", 2, 2_000, 0.3, true),
                result("TRANSACTION_ROWS", 10, 2_000, 0.14, true)));

    assertThat(page)
        .contains("Cores = 0.10 + 0.2000 × thousand transactions/s explains 100.0 %")
        .doesNotContain("On that line");
  }

  @Test
  void partitionsHaveNoLine() {
    String page =
        page(
            of(
                result("PARTITIONS", 1, 5_000, 0.5, true),
                result("PARTITIONS", 2, 5_000, 0.5, true),
                result("PARTITIONS", 4, 5_000, 0.6, true)));

    assertThat(page).contains("line [0.50, 0.50, 0.60]").doesNotContain("Cores =");
  }

  @Test
  void aRunThatCameToNothingSaysWhy() {
    String page = page(of(Result.failed(Dimension.TABLES.point(200), "exit code 2: no")));

    assertThat(page).contains("| (200) | exit code 2: no |").doesNotContain("Cores =");
  }

  @Test
  void eachDimensionIsOfItsNewestRecord() {
    ScaleRecord first =
        of("2026-11-21T20:00:00Z", load(1_000, 0.3, true), result("TABLES", 10, 2_000, 0.6, true));
    ScaleRecord later = of("2026-11-21T21:00:00Z", load(1_000, 0.2, true));

    assertThat(page(later, first))
        .containsOnlyOnce("### Scale law")
        .containsOnlyOnce("| changes/s | changes/s |")
        .contains("| 1,000 | 1,000 | 0.20 |", "| 10 | 2,000 | 0.60 |")
        .doesNotContain("| 0.30 |");
  }

  @Test
  void twoRecordsOfADayHaveTwoNames() {
    assertThat(ScaleMain.fileName(Instant.parse("2026-11-21T20:15:09.4Z")))
        .isEqualTo("scale-2026-11-21-201509.json");
  }

  @Test
  void memoryIsThePipelinesAlone() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("result.json"),
            """
            {"spec": {"durationSeconds": 60}, "verdict": {"failures": []},
             "figures": {"changesPerSecond": 5000, "keptUp": true, "pipelineCpuSeconds": 60,
               "cpuSecondsPerMillion": 200, "cpuSeconds": {"processor": 60}, "latency": {},
               "residentBytesMax": {"processor": 1073741824, "load": 1073741824, "source": 1073741824,
                 "benchmark": 1073741824},
               "pipelineResidentBytesMax": 1073741824}}
            """);

    assertThat(Result.of(Dimension.LOAD.point(5_000), file).residentMebibytes()).isEqualTo(1_024);
  }

  @Test
  void aRecordIsReadAsItWasWritten() throws Exception {
    ScaleRecord record = of(load(1_000, 0.3, true));
    Path file = directory.resolve("scale.json");

    record.write(file);

    assertThat(ScaleRecord.read(file)).isEqualTo(record);
  }

  @Test
  void aLineThroughPointsThatAreNotOnOne() {
    LinearFit fit = LinearFit.of(new double[] {0, 1, 2}, new double[] {0, 3, 3});

    assertThat(fit.slope()).isCloseTo(1.5, within(1e-9));
    assertThat(fit.intercept()).isCloseTo(0.5, within(1e-9));
    assertThat(fit.share()).isCloseTo(0.75, within(1e-9));
  }
}
