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
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Alerts, dashboards and runbooks, held against the metrics that the code has. */
class MonitoringTest {
  private static final Path ROOT = Path.of(System.getProperty("kappa.root"));
  private static final Path MONITORING = ROOT.resolve("monitoring");

  /** That Prometheus itself has. */
  private static final Set<String> OF_PROMETHEUS = Set.of("up", "ALERTS");

  private static final Set<String> LABELS_OF_PROMETHEUS =
      Set.of("job", "instance", "le", "alertname", "alertstate");

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

  static List<String> dashboards() {
    return List.of("overview", "capture", "processing", "lake", "quality");
  }

  private static Path file(String dashboard) {
    return MONITORING.resolve("grafana").resolve(dashboard + ".json");
  }

  private static Map<?, ?> dashboard(String name) throws IOException {
    return (Map<?, ?>) read(file(name));
  }

  /** Of what shows figures: without the headings. */
  private static List<Map<?, ?>> panels(String dashboard) throws IOException {
    List<Map<?, ?>> panels = new ArrayList<>();
    for (Object panel : list(dashboard(dashboard), "panels")) {
      if (!text(panel, "type").equals("row")) {
        panels.add((Map<?, ?>) panel);
      }
    }
    assertThat(panels).hasSizeGreaterThan(10);
    return panels;
  }

  /** Of the panels and of the variables. */
  private static List<String> expressions(String dashboard) throws IOException {
    List<String> expressions = new ArrayList<>();
    for (Map<?, ?> panel : panels(dashboard)) {
      assertThat(list(panel, "targets")).as(text(panel, "title")).isNotEmpty();
      list(panel, "targets").forEach(target -> expressions.add(text(target, "expr")));
    }
    for (Object variable : variables(dashboard)) {
      if (((Map<?, ?>) variable).get("query") instanceof Map<?, ?> query) {
        expressions.add(text(query, "query").replaceFirst("^label_values\\((.*), \\w+\\)$", "$1"));
      }
    }
    return expressions;
  }

  private static List<?> variables(String dashboard) throws IOException {
    return list(dashboard(dashboard).get("templating"), "list");
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
  void theseAreTheDashboards() throws IOException {
    try (Stream<Path> files = Files.list(MONITORING.resolve("grafana"))) {
      assertThat(files.filter(file -> file.toString().endsWith(".json")))
          .containsExactlyInAnyOrderElementsOf(
              dashboards().stream().map(MonitoringTest::file).toList());
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void dashboardUsesMetricsAndLabelsThatTheCodeHas(String name) throws IOException {
    Set<String> series = series();
    Set<String> labels = labels();

    assertThat(expressions(name))
        .allSatisfy(
            expression -> {
              PromQl used = PromQl.of(expression);
              assertThat(used.metrics()).as(expression).isNotEmpty().isSubsetOf(series);
              assertThat(used.labels()).as(expression).isSubsetOf(labels);
            });
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void dashboardSaysWhatItShows(String name) throws IOException {
    assertThat(text(dashboard(name), "uid")).isEqualTo("kappa-cdc-" + name);
    assertThat(panels(name))
        .allSatisfy(
            panel -> {
              String title = text(panel, "title");
              Map<?, ?> defaults =
                  (Map<?, ?>) ((Map<?, ?>) panel.get("fieldConfig")).get("defaults");
              assertThat(title).isNotBlank();
              assertThat(text(panel, "description")).as(title).hasSizeGreaterThan(20);
              assertThat(defaults.get("unit")).as(title).isNotNull();
            });
    assertThat(panels(name)).extracting(panel -> panel.get("id")).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void dashboardTakesItsDataSourceFromAVariable(String name) throws IOException {
    assertThat(variables(name))
        .anySatisfy(
            variable -> {
              assertThat(text(variable, "name")).isEqualTo("datasource");
              assertThat(text(variable, "type")).isEqualTo("datasource");
              assertThat(text(variable, "query")).isEqualTo("prometheus");
            });
    assertThat(Files.readString(file(name)).lines())
        .filteredOn(line -> line.contains("\"uid\": ") && !line.contains("kappa-cdc-" + name))
        .isNotEmpty()
        .allMatch(line -> line.contains("\"${datasource}\""));
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void dashboardUsesTheVariablesThatItHas(String name) throws IOException {
    List<String> declared = variables(name).stream().map(each -> text(each, "name")).toList();
    List<String> used =
        Pattern.compile("\\$\\{?([a-z]\\w*)")
            .matcher(Files.readString(file(name)))
            .results()
            .map(found -> found.group(1))
            .distinct()
            .toList();

    assertThat(used).containsExactlyInAnyOrderElementsOf(declared);
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
    assertThat(promtool("check", "config", "prometheus-docker.yml")).isZero();
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
