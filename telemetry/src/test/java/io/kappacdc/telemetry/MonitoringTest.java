package io.kappacdc.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Alerts, dashboard and runbooks, held against the metrics that the code has. */
class MonitoringTest {
  private static final Path ROOT = Path.of(System.getProperty("kappa.root"));
  private static final Path MONITORING = ROOT.resolve("monitoring");

  /** That Prometheus itself has. */
  private static final Set<String> OF_PROMETHEUS = Set.of("up");

  private static final Set<String> LABELS_OF_PROMETHEUS = Set.of("job", "instance", "le");

  private record Alert(String name, String expression, String runbook) {}

  private static Object read(Path file) throws IOException {
    // JSON is YAML.
    return new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
  }

  private static List<Alert> alerts() throws IOException {
    List<Alert> alerts = new ArrayList<>();
    for (Object group : list(read(MONITORING.resolve("alerts.yml")), "groups")) {
      for (Object rule : list(group, "rules")) {
        Map<?, ?> annotations = (Map<?, ?>) ((Map<?, ?>) rule).get("annotations");
        alerts.add(
            new Alert(text(rule, "alert"), text(rule, "expr"), text(annotations, "runbook_url")));
      }
    }
    assertThat(alerts).hasSizeGreaterThan(10);
    return alerts;
  }

  private static Map<?, ?> dashboard() throws IOException {
    return (Map<?, ?>) read(MONITORING.resolve("grafana/overview.json"));
  }

  private static List<String> dashboardExpressions() throws IOException {
    List<String> expressions = new ArrayList<>();
    for (Object panel : list(dashboard(), "panels")) {
      if (((Map<?, ?>) panel).containsKey("targets")) {
        list(panel, "targets").forEach(target -> expressions.add(text(target, "expr")));
      }
    }
    assertThat(expressions).hasSizeGreaterThan(15);
    return expressions;
  }

  private static List<?> list(Object map, String key) {
    return (List<?>) ((Map<?, ?>) map).get(key);
  }

  private static String text(Object map, String key) {
    return String.valueOf(((Map<?, ?>) map).get(key));
  }

  /** All series that a service can have. */
  private static Set<String> series() {
    try (Meters meters = Meters.ofThisJvm()) {
      Metrics.all().forEach(metric -> Metrics.make(meters, metric));
      Set<String> series = Metrics.series(meters.scrape());
      series.addAll(OF_PROMETHEUS);
      return series;
    }
  }

  private static Set<String> labels() {
    Set<String> labels = new TreeSet<>(LABELS_OF_PROMETHEUS);
    Metrics.all().forEach(metric -> labels.addAll(metric.labels()));
    labels.add("area"); // of jvm_memory
    return labels;
  }

  @Test
  void alertsUseMetricsAndLabelsThatTheCodeHas() throws IOException {
    Set<String> series = series();
    Set<String> labels = labels();

    assertThat(alerts())
        .allSatisfy(
            alert -> {
              PromQl used = PromQl.of(alert.expression());
              assertThat(used.metrics()).as(alert.name()).isNotEmpty().isSubsetOf(series);
              assertThat(used.labels()).as(alert.name()).isSubsetOf(labels);
            });
  }

  @Test
  void dashboardUsesMetricsAndLabelsThatTheCodeHas() throws IOException {
    Set<String> series = series();
    Set<String> labels = labels();

    assertThat(dashboardExpressions())
        .allSatisfy(
            expression -> {
              PromQl used = PromQl.of(expression);
              assertThat(used.metrics()).isNotEmpty().isSubsetOf(series);
              assertThat(used.labels()).isSubsetOf(labels);
            });
  }

  @Test
  void dashboardTakesItsDataSourceFromAVariable() throws IOException {
    assertThat(list(((Map<?, ?>) dashboard().get("templating")), "list"))
        .anySatisfy(
            variable -> {
              assertThat(text(variable, "name")).isEqualTo("datasource");
              assertThat(text(variable, "type")).isEqualTo("datasource");
              assertThat(text(variable, "query")).isEqualTo("prometheus");
            });
    assertThat(Files.readString(MONITORING.resolve("grafana/overview.json")).lines())
        .filteredOn(line -> line.contains("\"uid\": ") && !line.contains("kappa-cdc-overview"))
        .isNotEmpty()
        .allMatch(line -> line.contains("\"${datasource}\""));
  }

  @Test
  void everyAlertHasASectionInTheRunbooksAndEverySectionAnAlert() throws IOException {
    List<String> headings =
        Files.readString(ROOT.resolve("docs/runbooks.md"))
            .lines()
            .filter(line -> line.startsWith("## "))
            .map(line -> line.substring(3))
            .toList();

    assertThat(alerts())
        .allSatisfy(
            alert ->
                assertThat(alert.runbook())
                    .isEqualTo("docs/runbooks.md#" + alert.name().toLowerCase(Locale.ROOT)));
    assertThat(headings).hasSameElementsAs(alerts().stream().map(Alert::name).toList());
  }

  @Test
  void everyAlertHasAUnitTest() throws IOException {
    String tests = Files.readString(MONITORING.resolve("alerts_test.yml"));

    assertThat(alerts())
        .allSatisfy(alert -> assertThat(tests).contains("alertname: " + alert.name() + '\n'));
  }

  /** Where Prometheus' own tool is at hand. */
  @Test
  void promtoolFindsNothingWrong() throws Exception {
    assumeTrue(
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, "promtool"))),
        "promtool is not installed");

    assertThat(promtool("check", "config", "prometheus.yml")).isZero();
    assertThat(promtool("test", "rules", "alerts_test.yml")).isZero();
  }

  private static int promtool(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .directory(MONITORING.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  @Test
  void namesAreFoundInExpressions() {
    PromQl found =
        PromQl.of(
            """
            (sum by (job, sink) (rate(a_total{sink=~"x|y", table="kappa_no"}[5m])) or b * 0) < 1e6
            and on (instance) c_bucket offset 5m > 100
            """);

    assertThat(found.metrics()).containsExactlyInAnyOrder("a_total", "b", "c_bucket");
    assertThat(found.labels()).containsExactlyInAnyOrder("job", "sink", "table", "instance");
  }
}
