package io.kappacdc.cli.bench;

import io.kappacdc.load.Profile;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.DataSize;
import io.kappacdc.runtime.config.StrictMap;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a benchmark does: a workload at a rate, and what is to be reached.
 *
 * @param workload name or file of the workload's spec
 * @param rows that each table has before the load begins, at least
 * @param cost what the pipeline may take, as far as that has a target
 */
public record BenchSpec(
    String name,
    String workload,
    double changesPerSecond,
    Duration duration,
    Duration warmUp,
    Profile profile,
    int connections,
    long rows,
    long seed,
    List<Target> targets,
    Cost cost) {
  /** The benchmarks that come with the program. */
  public static final List<String> SHIPPED =
      List.of("funds-10k", "funds-5k", "funds-20k", "ten-tables-2k", "idle", "ci", "smoke");

  /** The sinks that a target can be for. */
  static final List<String> SINKS = List.of("postgres-trail", "delta-trail", "delta-mirror");

  private static final double RATE_MAX = 10_000_000;

  public BenchSpec {
    targets = List.copyOf(targets);
  }

  /** A workload at a moderate rate, to begin with. */
  static BenchSpec ofWorkload(String workload) {
    String name = String.valueOf(Path.of(workload).getFileName()).replaceFirst("\\.ya?ml$", "");
    return new BenchSpec(
        name,
        workload,
        1_000,
        Duration.ofMinutes(1),
        Duration.ofSeconds(30),
        Profile.STEADY,
        8,
        0,
        1,
        List.of(),
        Cost.ANY);
  }

  /**
   * A benchmark by its name or file; also a workload's, which then runs at a moderate rate.
   *
   * @throws KappaException if it has errors
   */
  public static BenchSpec load(String nameOrFile) {
    if (SHIPPED.contains(nameOrFile)) {
      return read(nameOrFile, resource(nameOrFile));
    }
    if (nameOrFile.endsWith(".yaml") || nameOrFile.endsWith(".yml")) {
      String text = text(Path.of(nameOrFile));
      if (StrictMap.parse(nameOrFile, text).has("workload")) {
        return read(nameOrFile.replaceFirst("^.*/", "").replaceFirst("\\.ya?ml$", ""), text);
      }
    }
    return ofWorkload(nameOrFile);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new KappaException(
          "The benchmark cannot be read",
          file + " cannot be read",
          "Name one of " + String.join(", ", SHIPPED) + ", a workload, or a file of one.",
          e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = BenchSpec.class.getResourceAsStream("/bench/" + name + ".yaml")) {
      if (in == null) {
        throw new IllegalStateException("The build left out the benchmark " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static BenchSpec read(String name, String yaml) {
    String label = "The benchmark " + name;
    StrictMap root = StrictMap.parse(label, yaml);
    root.required("description", text -> text, "");
    String workload = root.required("workload", text -> text, "");
    BenchSpec usual = ofWorkload(workload);
    List<Target> targets = new ArrayList<>();
    Map<String, StrictMap> named = root.mapsByName("targets");
    named.forEach(
        (sink, of) -> {
          if (!SINKS.contains(sink)) {
            of.problem("", "there is no such sink; there are " + String.join(", ", SINKS));
          }
          targets.add(
              new Target(
                  sink,
                  of.optional("p50", StrictMap.duration()),
                  of.optional("p99", StrictMap.duration())));
        });
    BenchSpec spec =
        new BenchSpec(
            name,
            workload,
            root.required("rate", StrictMap.number(0.001, RATE_MAX), 1.0),
            root.required("duration", StrictMap.duration(), usual.duration),
            root.optional("warm-up", StrictMap.duration()).orElse(usual.warmUp),
            root.optional("profile", BenchSpec::profile).orElse(usual.profile),
            root.optional("connections", StrictMap.wholeNumber(1, 1_000))
                .map(Long::intValue)
                .orElse(usual.connections),
            root.optional("rows", StrictMap.wholeNumber(0, 1_000_000_000)).orElse(0L),
            root.optional("seed", StrictMap.wholeNumber(Long.MIN_VALUE, Long.MAX_VALUE))
                .orElse(usual.seed),
            targets,
            new Cost(
                root.optional("cpu-seconds-per-million", StrictMap.number(0.1, 1e6)),
                root.optional("cores", StrictMap.number(0.001, 1e6)),
                root.optional("memory", DataSize::parse).map(DataSize::mebibytes)));
    root.finish(label);
    return spec;
  }

  private static Profile profile(String text) {
    return Arrays.stream(Profile.values())
        .filter(profile -> profile.name().equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "expected one of "
                        + Arrays.stream(Profile.values())
                            .map(p -> p.name().toLowerCase(Locale.ROOT))
                            .toList()));
  }

  /**
   * The same with what was given on the command line; nothing of it need be. With another rate, or
   * other rows, it is another benchmark, and is called so.
   */
  public BenchSpec with(Overrides overrides) {
    return new BenchSpec(
        name
            + overrides
                .changesPerSecond()
                .filter(rate -> rate != changesPerSecond)
                .map(
                    rate ->
                        "-rate-"
                            + new BigDecimal(rate.toString()).stripTrailingZeros().toPlainString())
                .orElse("")
            + overrides.rows().filter(wanted -> wanted != rows).map(n -> "-rows-" + n).orElse(""),
        workload,
        overrides.changesPerSecond().orElse(changesPerSecond),
        overrides.duration().orElse(duration),
        overrides.warmUp().orElse(warmUp),
        profile,
        connections,
        overrides.rows().orElse(rows),
        seed,
        targets,
        cost);
  }

  /** What a command line can have instead of the spec's. */
  public record Overrides(
      Optional<Double> changesPerSecond,
      Optional<Duration> duration,
      Optional<Duration> warmUp,
      Optional<Long> rows) {}
}
