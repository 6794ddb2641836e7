package io.kappacdc.benchmarks.scale;

import io.kappacdc.benchmarks.Machine;
import io.kappacdc.benchmarks.scale.Dimension.Point;
import io.kappacdc.benchmarks.scale.ScaleRecord.Result;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs {@code kappa bench} at the points of some dimensions and records what they cost. */
@Command(
    name = "benchmarks/scale",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measure what a change costs as load, tables and machine grow, one of them at a time.",
      "Each point is a run of `kappa bench` on a new stack: some three minutes, more for large tables.",
      "Exits 1 if a run came to nothing; the record says which and why."
    })
public final class ScaleMain implements Callable<Integer> {
  private static final int FAILED = 1;
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss").withZone(ZoneOffset.UTC);

  @Option(
      names = "--dimension",
      split = ",",
      description = "${COMPLETION-CANDIDATES} (all of them).")
  private List<Dimension> dimensions = List.of(Dimension.values());

  @Option(
      names = "--max",
      defaultValue = "2147483647",
      description = "Leave out points with larger values.")
  private int max;

  @Option(
      names = "--seconds",
      defaultValue = "60",
      description = "What is measured at each point (${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "60",
      description = "Seconds of the same load before it (${DEFAULT-VALUE}).")
  private int warmUp;

  @Option(
      names = "--results",
      defaultValue = "benchmarks/results",
      description = "Where the record goes (${DEFAULT-VALUE}).")
  private Path results = Path.of("");

  @Spec private @Nullable CommandSpec spec;

  private final String[] arguments;
  private final Path installation =
      Path.of(System.getProperty("kappa.root", ".")).toAbsolutePath().normalize();

  private ScaleMain(String[] arguments) {
    this.arguments = arguments;
  }

  public static void main(String[] arguments) {
    CommandLine command = new CommandLine(new ScaleMain(arguments));
    command.setCaseInsensitiveEnumValuesAllowed(true);
    System.exit(command.execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Files.createDirectories(results);
    Instant at = Instant.now();
    Path file = results.resolve(fileName(at));
    List<Result> done = new ArrayList<>();
    for (Dimension dimension : dimensions) {
      for (int value : dimension.steps()) {
        if (value > max) {
          continue;
        }
        Point point = dimension.point(value);
        out.printf("%s%n", point);
        out.flush();
        Result result = run(point);
        out.printf("  %s%n", result);
        done.add(result);
        record(at, done).write(file); // after each: a later one may take hours
      }
    }
    out.println(ScalePage.of(List.of(record(at, done))));
    out.println("recorded in " + file);
    return done.stream().allMatch(Result::counts) ? 0 : FAILED;
  }

  /** By the second, so that the dimensions of a day can be run one after the other. */
  static String fileName(Instant at) {
    return "scale-" + STAMP.format(at) + ".json";
  }

  private ScaleRecord record(Instant at, List<Result> done) {
    return new ScaleRecord(
        at.toString(),
        ("benchmarks/scale " + String.join(" ", arguments)).strip(),
        Machine.here(),
        warmUp,
        seconds,
        done);
  }

  private Result run(Point point) throws IOException, InterruptedException {
    Path directory = Files.createDirectories(installation.resolve(".kappa/scale"));
    Path json = directory.resolve("out/result.json");
    Files.deleteIfExists(json);
    Path log = directory.resolve("bench.log");
    ProcessBuilder builder =
        new ProcessBuilder(command(point, directory))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(point.environment());
    builder.environment().put("KAPPA_BUILD", "never");
    int exitCode = builder.start().waitFor();
    return Files.exists(json)
        ? Result.of(point, json)
        : Result.failed(point, "exit code " + exitCode + ": " + lastLine(log));
  }

  private List<String> command(Point point, Path directory) throws IOException {
    String workload = point.workload().spec();
    if (point.workload().isText()) {
      Path file = directory.resolve("workload.yaml");
      Files.writeString(file, workload);
      workload = file.toString();
    }
    return Arrays.asList(
        installation.resolve("kappa").toString(),
        "bench",
        "--spec=" + workload,
        "--rate=" + point.changesPerSecond(),
        "--rows=" + point.rows(),
        "--warm-up=" + warmUp + "s",
        "--duration=" + seconds + "s",
        "--home=" + directory,
        "--out=" + directory.resolve("out"));
  }

  private static String lastLine(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return lines.isEmpty() ? "no output" : lines.get(lines.size() - 1).strip();
  }
}
