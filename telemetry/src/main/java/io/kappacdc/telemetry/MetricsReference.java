package io.kappacdc.telemetry;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The page of all metrics, made from their declarations. */
final class MetricsReference {
  private MetricsReference() {}

  /** The page in Markdown. */
  static String markdown() {
    StringBuilder page = new StringBuilder(8192);
    page.append(
        """
        # Metrics and health

        <!-- Generated from the code by MetricsReference; a test compares. -->

        Capture and the processor each serve, over HTTP:

        | path | says |
        |---|---|
        | `/metrics` | the figures below, in Prometheus' text format |
        | `/health` | JSON: `status` `UP`, `DEGRADED` or `DOWN`, the same for each dependency with the reason, the time of the last batch, records, errors in the last minute, lag; 503 when it is `DOWN` |
        | `/readyz` | 200 while changes flow: capture streams, or every store's query runs; 503 otherwise |
        | `/livez` | 200 while the process answers |

        The address is `capture.http-address` and `processor.http-address`: by default a free port on loopback, so that
        several stacks run side by side. `up` prints the addresses, `kappa status` shows them, and each process prints
        `KAPPA HTTP <role> <address>` when it starts. For a Prometheus that scrapes them, give them fixed ports. `off`
        serves nothing. There is no access control: whoever reaches the address may read, and there are no values of
        rows, passwords or URLs to be read, but names of tables. GET and HEAD only, no request bodies, four answers at a
        time, five seconds for a request to arrive.

        Health is what the process knows already: a request asks no server. A store whose partitions have stopped, a
        slot with a warning and a service that is starting are `DEGRADED`; a server that does not answer, a query that
        waits to be started again and an attempt of capture that failed are `DOWN`. Reasons name kinds of errors, never
        a server's message, which could quote a row; `kappa status` and the log have the words.

        Counters begin at 0 with the process. `table` is `schema.table` as in the topic's name, for the first 1,000
        tables; further ones share `(others)`. `sink` is `postgres-trail`, `delta-trail` or `delta-mirror`. Counting
        happens once a batch or Kafka transaction, not once a change. A summary has `_count`, `_sum` and, for the last
        minutes, `_max`; a histogram `_bucket`, `_count` and `_sum`.

        Scrape configuration, alert rules with their tests, and Grafana dashboards are in
        [monitoring](../monitoring/prometheus.yml); what to do on each alert, in [runbooks.md](runbooks.md).
        """);
    section(page, "Capture", Arrays.stream(CaptureMetric.values()).map(CaptureMetric::metric));
    section(
        page, "Processor", Arrays.stream(ProcessorMetric.values()).map(ProcessorMetric::metric));
    page.append(
        """

        ## The JVM

        Of both processes, by Micrometer: `jvm_memory_*`, `jvm_gc_*`, `jvm_threads_*`, `jvm_classes_*`, `jvm_buffer_*`,
        `jvm_info`, `process_cpu_*`, `process_files_*`, `process_uptime_seconds`, `process_start_time_seconds`,
        `system_cpu_*`, `system_load_average_1m`.
        """);
    return page.toString();
  }

  private static void section(StringBuilder page, String title, Stream<Metric> metrics) {
    page.append("\n## ").append(title).append("\n\n");
    page.append("| metric | kind | labels | meaning |\n|---|---|---|---|\n");
    metrics.forEach(
        metric -> {
          page.append("| `").append(metric.prometheusName()).append("` | ");
          page.append(metric.kind().name().toLowerCase(Locale.ROOT)).append(" | ");
          page.append(labels(metric.labels())).append(" | ");
          page.append(metric.meaning()).append(" |\n");
        });
  }

  private static String labels(List<String> labels) {
    return labels.stream().map(label -> '`' + label + '`').collect(Collectors.joining(", "));
  }
}
