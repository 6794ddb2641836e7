package io.kappacdc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * A minute of load on a stack of its own, with every build: verified, its figures printed and left
 * in target/bench. Machines differ, so no figure is held against a bound here, and a machine that
 * was too busy for the rate fails nothing.
 */
class BenchIT {
  private static final Path ROOT = Path.of(System.getProperty("kappa.root"));
  private static final Path RESULTS = ROOT.resolve("cli/target/bench");
  private static final int MINUTES_MAX = 30;

  @TempDir Path directory;

  @Test
  void aMinuteOfLoadIsTimedAtEveryStageAndVerified() throws Exception {
    // when
    Path log = directory.resolve("bench.log");
    int exitCode =
        bench(log, "--spec=ci", "--out=" + RESULTS, "--home=" + directory.resolve("home"));

    // then
    String output = Files.readString(log);
    output.lines().dropWhile(line -> !line.startsWith("ci: ")).forEach(System.out::println);
    List<String> failures = output.lines().filter(line -> line.startsWith("  FAILED: ")).toList();
    assertThat(failures).as(output).allMatch(line -> line.contains("the rate was not reached"));
    assertThat(exitCode).as(output).isEqualTo(failures.isEmpty() ? 0 : 1);
    assertThat(output).contains("2 of 2 tables match");
    Map<?, ?> figures = figures();
    for (String sink : List.of("postgres-trail", "delta-trail", "delta-mirror")) {
      Map<?, ?> latency = map(map(figures, "latency"), sink);
      assertThat(latency.get("changes")).as(sink).isEqualTo(figures.get("committed"));
      assertThat(latency.get("missing")).as(sink).isEqualTo(0);
      assertThat((Double) latency.get("p50Millis")).as(sink).isPositive();
    }
    for (String part : List.of("capture", "kafka", "load", "processor", "sink", "source")) {
      assertThat(map(figures, "cpuSeconds").containsKey(part)).as(part).isTrue();
    }
    assertThat(RESULTS.resolve("report.html")).content().contains("Chart.js v");
    Path compared = directory.resolve("compare.log");
    int comparedExitCode = bench(compared, "compare", "" + RESULTS, "" + RESULTS);
    if (failures.isEmpty()) {
      assertThat(comparedExitCode).isZero();
      assertThat(compared).content().contains("changes a second").contains("1.00");
    } else {
      assertThat(comparedExitCode).as("of runs that do not count").isNotZero();
    }
  }

  private int bench(Path log, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(ROOT.resolve("kappa").toString(), "bench"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("KAPPA_BUILD", "never");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.directory(directory.toFile());
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    Process process = builder.start();
    if (!process.waitFor(MINUTES_MAX, TimeUnit.MINUTES)) {
      process.destroy();
      throw new AssertionError("kappa bench did not end:\n" + Files.readString(log));
    }
    return process.exitValue();
  }

  private static Map<?, ?> figures() throws Exception {
    Object result =
        new Load(LoadSettings.builder().build())
            .loadFromString(Files.readString(RESULTS.resolve("result.json")));
    return map((Map<?, ?>) result, "figures");
  }

  private static Map<?, ?> map(Map<?, ?> of, String key) {
    return (Map<?, ?>) of.get(key);
  }
}
