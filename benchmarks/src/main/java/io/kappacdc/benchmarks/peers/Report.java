package io.kappacdc.benchmarks.peers;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.kappacdc.benchmarks.Machine;
import io.kappacdc.benchmarks.Medians;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * The runs of one side, as JSON for the record and as a table of medians for people.
 *
 * @param at when it began
 * @param repeat the command
 * @param servers settings of the servers that are not local-stack's own
 * @param contenders versions and settings by name
 */
public record Report(
    String side,
    String at,
    String repeat,
    Machine machine,
    double loadBefore,
    Map<String, String> load,
    Map<String, String> servers,
    Map<String, Map<String, String>> contenders,
    List<Result> results) {
  public Report {
    load = new TreeMap<>(load);
    contenders = new LinkedHashMap<>(contenders);
    results = List.copyOf(results);
  }

  private static ObjectMapper json() {
    return new ObjectMapper()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .setVisibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
        .setVisibility(PropertyAccessor.GETTER, JsonAutoDetect.Visibility.NONE)
        .setVisibility(PropertyAccessor.IS_GETTER, JsonAutoDetect.Visibility.NONE);
  }

  void writeJson(Path file) throws IOException {
    json().writeValue(file.toFile(), this);
  }

  /** What {@link #writeJson} wrote. */
  public static Report read(Path file) throws IOException {
    return json().readValue(file.toFile(), Report.class);
  }

  /** The table with what one must know to read it. */
  public String page() {
    return """
        # Side by side: %s, %s

        Commit %s; %s, %d processors, %d GiB, %s, Java %s. Load average of the machine before: %.2f.
        Repeat: `%s`

        %s"""
        .formatted(
            side,
            at,
            machine.commit(),
            machine.cpu(),
            machine.processors(),
            machine.memoryGib(),
            machine.system(),
            machine.java(),
            loadBefore,
            repeat,
            markdown());
  }

  String markdown() {
    StringBuilder page = new StringBuilder(2048);
    page.append("| contender | phase | store | changes/s | p50 ms | p99 ms | max ms |");
    page.append(" CPU-s per million | cores taken by others | right | runs |\n");
    page.append("|---|---|---|---|---|---|---|---|---|---|---|\n");
    grouped().values().forEach(runs -> append(page, runs));
    return page.toString();
  }

  /**
   * The median over the sound runs; nothing if there is none.
   *
   * @param phase as in the table, such as "drain" or "steady 5000/s"
   * @param figure of a store by its name
   */
  public OptionalDouble median(
      String contender, String phase, String store, ToDoubleFunction<Result.Store> figure) {
    List<Result.Store> found =
        results.stream()
            .filter(run -> run.contender().equals(contender) && run.phase().equals(phase))
            .filter(Result::isSound)
            .flatMap(run -> run.stores().stream())
            .filter(of -> of.name().equals(store))
            .toList();
    return found.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Medians.of(found, figure));
  }

  private Map<String, List<Result>> grouped() {
    Map<String, List<Result>> groups = new LinkedHashMap<>();
    results.forEach(
        result ->
            groups
                .computeIfAbsent(result.phase() + '\n' + result.contender(), k -> new ArrayList<>())
                .add(result));
    return groups;
  }

  private static void append(StringBuilder page, List<Result> runs) {
    Result first = runs.get(0);
    runs.stream()
        .filter(run -> run.failure() != null)
        .forEach(
            run ->
                page.append(
                    "| %s | %s | FAILED in round %d: %s |\n"
                        .formatted(first.contender(), first.phase(), run.round(), cell(run))));
    medians(page, runs.stream().filter(Result::isSound).toList());
    medians(page, runs.stream().filter(run -> run.failure() == null && !run.isSound()).toList());
  }

  /** Runs that are sound, or runs that are not: what one of these says is true of the others. */
  private static void medians(StringBuilder page, List<Result> good) {
    if (good.isEmpty()) {
      return;
    }
    Result any = good.get(0);
    for (int i = 0; i < any.stores().size(); i++) {
      int store = i;
      boolean steady = any.stores().get(i).latency() != null;
      page.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %s | %s | %s | %.1f | %.1f | %s | %d |%n",
              any.contender(),
              any.phase(),
              any.stores().get(i).name(),
              steady ? "" : number(good, run -> run.stores().get(store).changesPerSecond()),
              steady ? number(good, run -> run.stores().get(store).latency().p50()) : "",
              steady ? number(good, run -> run.stores().get(store).latency().p99()) : "",
              steady ? number(good, run -> run.stores().get(store).latency().max()) : "",
              Medians.of(good, Result::cpuPerMillion),
              Medians.of(
                  good, run -> run.seconds() == 0 ? 0 : run.cpuSecondsOthers() / run.seconds()),
              verdict(good, store),
              good.size()));
    }
  }

  private static String cell(Result run) {
    return String.valueOf(run.failure()).replace('|', '/').replace('\n', ' ');
  }

  private static String number(List<Result> runs, ToDoubleFunction<Result> value) {
    return String.format(Locale.ROOT, "%,.0f", Medians.of(runs, value));
  }

  private static String verdict(List<Result> runs, int store) {
    if (runs.stream().anyMatch(run -> !run.complete())) {
      return "not within the limit";
    }
    double shortfall = runs.stream().mapToDouble(Result::loadShortfall).max().orElse(0);
    String note =
        shortfall > Result.SHORTFALL_MAX
            ? " (load short by %.0f %%)".formatted(shortfall * 100)
            : "";
    var checks = runs.stream().map(run -> run.stores().get(store).correctness()).toList();
    if (checks.stream().anyMatch(check -> check == null)) {
      return "";
    }
    return checks.stream()
        .filter(check -> !check.isRight())
        .findFirst()
        .map(
            wrong ->
                "no: duplicates %s, lost %s, rows missing %d, extra %d, different %d"
                    .formatted(
                        wrong.duplicates() == null ? "-" : wrong.duplicates(),
                        wrong.lost() == null ? "-" : wrong.lost(),
                        wrong.rowsMissing(),
                        wrong.rowsExtra(),
                        wrong.rowsDifferent()))
        .orElse("yes")
        .concat(note);
  }
}
