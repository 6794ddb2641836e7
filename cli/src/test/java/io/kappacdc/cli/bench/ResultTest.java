package io.kappacdc.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.groups.Tuple.tuple;

import io.kappacdc.cli.bench.measure.BatchTimes;
import io.kappacdc.cli.bench.measure.ChangeForTests;
import io.kappacdc.cli.bench.measure.ChangeTimes;
import io.kappacdc.cli.bench.measure.ClockOffset;
import io.kappacdc.cli.bench.measure.CpuInWindow;
import io.kappacdc.cli.bench.measure.JvmCounters;
import io.kappacdc.cli.bench.measure.Latencies;
import io.kappacdc.cli.bench.measure.PartitionId;
import io.kappacdc.cli.bench.measure.ProcessUse;
import io.kappacdc.cli.bench.measure.SourceLog;
import io.kappacdc.cli.bench.measure.Stage;
import io.kappacdc.cli.bench.measure.StageTimes;
import io.kappacdc.cli.bench.measure.Window;
import io.kappacdc.load.Profile;
import io.kappacdc.runtime.KappaException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class ResultTest {
  private static final long SECOND = 1_000_000;
  private static final Window WINDOW = new Window(100 * SECOND, 104 * SECOND);
  private static final Map<String, String> CONFIG =
      Map.of("processor.master", "local[4]", "kafka.partitions", "2");

  @TempDir Path directory;

  /** A run of ten changes a second, each visible so many milliseconds after its commit. */
  private static final class Run {
    private long latencyMillis = 200;
    private long dueASecond = 10;
    private int verification = 0;
    private int cores = 2;
    private long trailRows = 40;
    private long inserts = 30;
    private Map<String, String> config = CONFIG;
    private Cost cost = Cost.ANY;
    private Set<String> elsewhere = Set.of();
    private long looksFailed = 0;

    Measurement measurement() {
      BenchSpec spec =
          new BenchSpec(
              "t",
              "funds",
              10,
              Duration.ofSeconds(4),
              Duration.ofSeconds(1),
              Profile.STEADY,
              8,
              0,
              1,
              List.of(
                  new Target(
                      "delta-trail",
                      Optional.of(Duration.ofMillis(100)),
                      Optional.of(Duration.ofSeconds(1)))),
              cost);
      return new Measurement(
          spec,
          Instant.EPOCH,
          new Environment("abc", "CPU", cores, 1_024, "Linux", "JVM", 0.5, Map.of("spark", "3.5")),
          config,
          true,
          load(),
          WINDOW,
          times(),
          Map.of("postgres-trail", rows(), "delta-trail", rows(), "delta-mirror", rows()),
          Map.of("delta-trail", new BatchTimes.Durations(3, 10, 20, 30)),
          points(),
          looksFailed,
          List.of(
              new SourceLog.Point(WINDOW.from(), 0, 0, 0),
              new SourceLog.Point(WINDOW.to(), 1_000, 10, 20)),
          Map.of("capture", new JvmCounters(1, 0.1, 0.2, 1_000)),
          Map.of("sink", new ClockOffset(0.1, 0.2)),
          Map.of("sink database", 1_000L),
          verification,
          List.of("</script> 2 of 2 tables match"));
    }

    private LoadSummary load() {
      List<Long> due = new ArrayList<>(Collections.nCopies(10, dueASecond));
      return new LoadSummary(
          "f00", 99 * SECOND, inserts, 10, 0, 40, 0, 1, 2, 3, due, Collections.nCopies(10, 10L));
    }

    private ChangeTimes times() {
      Stage stage = new Stage("delta-trail");
      for (int i = 0; i < 40; i++) {
        stage.reached(partition(), commit(i) + latencyMillis * 1_000, i + 1);
      }
      StageTimes sink = new StageTimes(stage, WINDOW, null);
      Stage readable = new Stage("kafka");
      readable.reached(partition(), WINDOW.from(), 1_000);
      ChangeTimes times =
          new ChangeTimes(WINDOW, new StageTimes(readable, WINDOW, null), List.of(sink), List.of());
      for (int i = 0; i < 40; i++) {
        ChangeForTests.count(times, partition(), i, commit(i));
      }
      return times;
    }

    private static PartitionId partition() {
      return new PartitionId("t", 0);
    }

    private static long commit(int change) {
      return WINDOW.from() + change * SECOND / 10;
    }

    private Latencies rows() {
      Latencies latencies = new Latencies();
      latencies.record(0, latencyMillis * 1_000, trailRows);
      return latencies;
    }

    private List<ProcessUse.Point> points() {
      Map<String, Double> before = new TreeMap<>();
      Map<String, Long> bytes = new TreeMap<>();
      for (String part : CpuInWindow.PIPELINE) {
        before.put(part, 0.0);
        bytes.put(part, 0L);
      }
      before.put("load", 0.0);
      bytes.putAll(Map.of("processor", 1L << 30, "load", 1L << 20));
      before.keySet().removeAll(elsewhere);
      bytes.keySet().removeAll(elsewhere);
      Map<String, Double> later = new TreeMap<>(before);
      later.putAll(Map.of("processor", 2.0, "load", 1.0));
      return List.of(
          new ProcessUse.Point(WINDOW.from(), before, bytes, 0, 0),
          new ProcessUse.Point(WINDOW.to(), later, bytes, 3.1, 0));
    }

    Verdict verdict() {
      return Verdict.of(measurement());
    }

    Path write(Path file) throws Exception {
      Measurement measurement = measurement();
      return Files.writeString(file, ResultJson.write(measurement, Verdict.of(measurement)));
    }
  }

  @Test
  void aVerifiedRunThatReachedItsRateCounts() {
    Verdict verdict = new Run().verdict();

    assertThat(verdict.failures()).isEmpty();
    assertThat(verdict.remarks()).isEmpty();
    assertThat(verdict.targets())
        .extracting(Verdict.Checked::what, Verdict.Checked::isReached)
        .containsExactly(
            tuple("delta-trail backlog", true),
            tuple("delta-trail p50", false),
            tuple("delta-trail p99", true));
  }

  @Test
  void whatThePipelineTakesIsHeldAgainstItsTargets() {
    Run run = new Run();
    run.cost = new Cost(Optional.of(40_000.0), Optional.of(0.4), Optional.of(1_024L));

    // 2 CPU seconds in 4 s, and a gibibyte
    assertThat(run.verdict().targets())
        .extracting(Verdict.Checked::what, Verdict.Checked::reached, Verdict.Checked::isReached)
        .endsWith(
            tuple("CPU of the pipeline", 50_000.0, false),
            tuple("cores of the pipeline", 500.0, false),
            tuple("memory of the pipeline", 1_024.0, true));
  }

  @Test
  void whatAServerElsewhereTakesIsNotTakenForNothing() throws Exception {
    Run run = new Run();
    run.cost = new Cost(Optional.of(40_000.0), Optional.of(0.4), Optional.of(1_024L));
    run.elsewhere = Set.of("kafka", "walsender");

    assertThat(run.verdict().remarks())
        .containsExactly(
            "CPU and memory of the pipeline are not known: these parts of it were not seen here:"
                + " walsender, kafka");
    assertThat(run.verdict().targets())
        .extracting(Verdict.Checked::what)
        .noneMatch(what -> what.contains("of the pipeline"));
    assertThat(run.measurement().cpuSecondsPerMillion()).isNaN();
    assertThat(Files.readString(run.write(directory.resolve("result.json"))))
        .contains("\"pipelineCpuSeconds\" : null", "\"pipelineResidentBytesMax\" : null")
        .contains("\"pipelineParts\" : [ \"capture\", \"processor\", \"sink\", \"supervisor\" ]");
  }

  @Test
  void aRunWithAServerElsewhereIsNotComparedWithOneOfEmbeddedServers() throws Exception {
    Path first = new Run().write(directory.resolve("a.json"));
    Run run = new Run();
    run.elsewhere = Set.of("kafka");
    Path second = run.write(directory.resolve("b.json"));

    assertThatExceptionOfType(KappaException.class)
        .isThrownBy(() -> Comparison.of(first, second, Set.of()))
        .satisfies(
            e -> assertThat(e.reason()).startsWith("parts of the pipeline on this machine: ["));
  }

  @Test
  void looksThatFailedAreSaid() {
    Run run = new Run();
    run.looksFailed = 3;

    assertThat(run.verdict().remarks())
        .containsExactly(
            "3 looks at the stack failed: what a reader saw, and courses, may have gaps");
  }

  @Test
  void aRunThatWasNotVerifiedDoesNotCount() {
    Run differs = new Run();
    differs.verification = 1;
    Run unknown = new Run();
    unknown.verification = 2;

    assertThat(differs.verdict().failures())
        .containsExactly(
            "the stores do not hold what the source does: verification found differences");
    assertThat(unknown.verdict().failures())
        .containsExactly("it could not be verified that the stores hold what the source does");
  }

  @Test
  void aLoadThatWasNotMadeIsSaidAndDoesNotCount() {
    Run run = new Run();
    run.dueASecond = 20;

    assertThat(run.verdict().failures())
        .containsExactly(
            "the rate was not reached: of 80 changes due in the window 40 were committed"
                + " (50.0 % missing)");
  }

  @Test
  void changesThatWereNotTimedAreSaidAndTheRunDoesNotCount() {
    Run run = new Run();
    run.trailRows = 39;

    assertThat(run.verdict().failures())
        .contains("postgres-trail: timed by its commit clock were 39 changes of 40");
  }

  @Test
  void aRunInWhichKafkaHasMoreOrLessThanTheLoadCommittedDoesNotCount() {
    Run lost = new Run();
    lost.inserts = 31;
    Run tooMany = new Run();
    tooMany.inserts = 29;

    assertThat(lost.verdict().failures())
        .containsExactly("Kafka has 40 changes since the load began, the load committed 41");
    assertThat(tooMany.verdict().failures())
        .containsExactly("Kafka has 40 changes since the load began, the load committed 39");
  }

  @Test
  void aBacklogThatGrowsIsSaid() {
    Run run = new Run();
    run.latencyMillis = 60_000;

    assertThat(run.verdict().remarks())
        .containsExactly("delta-trail did not keep up: its backlog grew by 10 changes/s, to 40");
    assertThat(run.verdict().targets().get(0))
        .isEqualTo(
            new Verdict.Checked(
                "delta-trail backlog", 0.1, 10.0, "more changes each second", false));
  }

  @Test
  void aBacklogThatGrowsWithinAMomentOfTheLoadIsGivenAsItGrew() {
    Run run = new Run();
    run.latencyMillis = 1_500;

    Verdict.Checked backlog = run.verdict().targets().get(0);
    assertThat(backlog.reached()).isGreaterThan(backlog.wanted());
    assertThat(backlog.isReached()).isTrue();
  }

  @Test
  void aFigureThatIsNotKnownIsNoFigure() throws Exception {
    Run run = new Run();
    run.latencyMillis = 60_000;
    run.cost = new Cost(Optional.of(60.0), Optional.empty(), Optional.empty());

    String json = Files.readString(run.write(directory.resolve("result.json")));

    assertThat(json)
        .contains("\"cpuSecondsPerMillion\" : null", "\"reached\" : null")
        .containsPattern(
            "\"reached\" : null,\\s+\"unit\" : \"s/million\",\\s+\"isReached\" : false");
  }

  @Test
  void changesThatAreLeftForLaterHaveNotCostYet() {
    Run behind = new Run();
    behind.latencyMillis = 2_900;
    Run idle = new Run();
    idle.latencyMillis = 60_000;

    // 2 CPU seconds of the processor: for 40 changes, for the 11 that arrived, and for none
    assertThat(new Run().measurement().cpuSecondsPerMillion()).isEqualTo(50_000.0);
    assertThat(behind.measurement().cpuSecondsPerMillion()).isEqualTo(2e6 / 11);
    assertThat(idle.measurement().cpuSecondsPerMillion()).isNaN();
  }

  @Test
  void thePageHasEverythingInIt() throws Exception {
    Measurement measurement = new Run().measurement();
    String json = ResultJson.write(measurement, Verdict.of(measurement));

    String page = HtmlReport.of(json);

    assertThat(page)
        .contains("Chart.js v", "\"name\" : \"t\"", "<\\/script> 2 of 2 tables match")
        .doesNotContain("http://", "src=", "sourceMappingURL", "/*RESULT*/", "/*CHARTS*/");
    assertThat(page.split("</script>", -1)).hasSize(3);
  }

  @Test
  void theResultHasItsFigures() throws Exception {
    Path file = new Run().write(directory.resolve("result.json"));

    Map<?, ?> result =
        (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
    Map<?, ?> figures = (Map<?, ?>) result.get("figures");
    assertThat(figures.get("committed")).isEqualTo(40);
    assertThat(figures.get("changesPerSecond")).isEqualTo(10.0);
    assertThat(figures.get("cpuSecondsPerMillion")).isEqualTo(50_000.0);
    assertThat(((Map<?, ?>) figures.get("cpuSeconds")).get("foreign")).isEqualTo(0.1);
    assertThat(figures.get("pipelineResidentBytesMax"))
        .isEqualTo((double) (1 << 30)); // not the load's
    Map<?, ?> course = (Map<?, ?>) result.get("course");
    assertThat(course.get("in")).isEqualTo(List.of(10, 10, 10, 10));
    assertThat(((Map<?, ?>) course.get("backlog")).get("delta-trail"))
        .isEqualTo(List.of(2, 2, 2, 2));
  }

  @Test
  void comparableRunsAreHeldSideBySide() throws Exception {
    Path first = new Run().write(directory.resolve("a.json"));
    Run slower = new Run();
    slower.latencyMillis = 400;
    Path second = slower.write(directory.resolve("b.json"));
    StringWriter out = new StringWriter();

    Comparison.of(first, second, Set.of()).print(new PrintWriter(out));

    assertThat(out.toString().lines().filter(line -> line.startsWith("delta-trail p50")))
        .singleElement()
        .satisfies(line -> assertThat(line).containsPattern("200\\.\\d +400\\.\\d +2\\.00"));
  }

  @Test
  void runsThatDifferInMoreThanTheyAreComparedForAreRefused() throws Exception {
    Path first = new Run().write(directory.resolve("a.json"));
    Run other = new Run();
    other.cores = 4;
    other.config = new TreeMap<>(CONFIG);
    other.config.put("processor.master", "local[8]");
    Path second = other.write(directory.resolve("b.json"));
    Run failed = new Run();
    failed.verification = 1;
    Path third = failed.write(directory.resolve("c.json"));

    assertThatExceptionOfType(KappaException.class)
        .isThrownBy(() -> Comparison.of(first, second, Set.of()))
        .satisfies(
            e ->
                assertThat(e.reason().lines().map(String::strip))
                    .containsExactly(
                        "cores: 2 and 4", "config processor.master: local[4] and local[8]"));
    assertThatExceptionOfType(KappaException.class)
        .isThrownBy(() -> Comparison.of(first, second, Set.of("processor.master")))
        .satisfies(e -> assertThat(e.reason()).isEqualTo("cores: 2 and 4"));
    assertThatExceptionOfType(KappaException.class)
        .isThrownBy(() -> Comparison.of(first, third, Set.of()))
        .satisfies(e -> assertThat(e.reason()).contains("c.json does not count"));
  }

  @Test
  void whatIsNoResultIsRefused() throws Exception {
    Path file = Files.writeString(directory.resolve("x.json"), "{\"format\": 99}");

    assertThatExceptionOfType(KappaException.class)
        .isThrownBy(() -> Comparison.of(file, file, Set.of()))
        .satisfies(e -> assertThat(e.problem()).isEqualTo("There is no result to compare"));
  }

  @Test
  void librariesAreReadFromTheClassPath() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("classpath.txt"),
            "/r/kafka-clients/3.4.1/kafka-clients-3.4.1.jar:/r/x/delta-spark_2.12-3.3.3.jar");

    assertThat(Environment.libraries(file))
        .isEqualTo(Map.of("kafka-clients", "3.4.1", "delta-spark_2.12", "3.3.3"));
  }
}
