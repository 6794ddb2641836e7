package io.kappacdc.cli.demo;

import io.kappacdc.cli.status.ProcessorStatus;
import io.kappacdc.load.LoadProgress;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** What a demonstration came to. */
record Report(Demo.Settings settings, Timings timings, Stages stages) {

  void print(
      PrintWriter out, long committed, LoadProgress load, Stages.Counts counts, int verdict) {
    out.println();
    out.println("Report");
    line(
        out,
        "verdict",
        switch (verdict) {
          case ExitCode.OK -> "MATCH: source, mirror and both trails hold the same";
          case ExitCode.FAILED -> "MISMATCH: the rows are named above";
          default -> "COULD NOT VERIFY: the reason is above";
        });
    line(
        out,
        "committed",
        "%,d changes at the source: %,d inserts, %,d updates, %,d deletes in %,d transactions, and"
            + " %,d rows that were there before",
        committed,
        load.committed().inserts(),
        load.committed().updates(),
        load.committed().deletes(),
        load.transactions(),
        committed - load.committed().total());
    line(
        out,
        "arrived",
        "%,d events in Kafka, %,d rows in the PostgreSQL trail, %,d in the Delta trail",
        counts.captured(),
        counts.postgresTrail(),
        counts.deltaTrail());
    if (load.shortfall() > 0.01) {
      line(
          out,
          "shortfall",
          "the source took %.1f %% fewer changes than were due",
          load.shortfall() * 100);
    }
    latencies(out);
    line(
        out,
        "first row",
        "PostgreSQL trail after %s, Delta trail after %s",
        seconds(stages.firstInPostgres()),
        seconds(stages.firstInDelta()));
    line(out, "topics", "%s", String.join(", ", stages.topics()));
    line(out, "timings", "%s", timings);
    whereToLook(out);
    out.flush();
  }

  private void latencies(PrintWriter out) {
    out.println("  commit to visible, every change, warm-up included:");
    stages
        .postgresLatency()
        .ifPresent(
            latency ->
                latency(
                    out,
                    "PostgreSQL trail",
                    latency.p50Seconds(),
                    latency.p99Seconds(),
                    latency.maxSeconds()));
    processorLatency(out, "Delta trail", stages.latencyOf("delta-trail"));
    processorLatency(out, "Delta mirror", stages.latencyOf("delta-mirror"));
  }

  private static void processorLatency(
      PrintWriter out, String sink, Optional<ProcessorStatus.Latency> latency) {
    latency.ifPresent(
        l -> latency(out, sink, l.p50Millis() / 1e3, l.p99Millis() / 1e3, l.maxMillis() / 1e3));
  }

  private static void latency(
      PrintWriter out, String sink, double p50Seconds, double p99Seconds, double maxSeconds) {
    out.printf(
        Locale.ROOT,
        "    %-17s p50 %.2f s, p99 %.2f s, max %.2f s%n",
        sink,
        p50Seconds,
        p99Seconds,
        maxSeconds);
  }

  private String seconds(Optional<Instant> moment) {
    return moment
        .map(at -> String.format(Locale.ROOT, "%.1f s", timings.secondsAt(at)))
        .orElse("(none seen)");
  }

  private void whereToLook(PrintWriter out) {
    Path here = Path.of("").toAbsolutePath();
    Path directory = settings.home().directory();
    String home = (directory.startsWith(here) ? here.relativize(directory) : directory).toString();
    out.println("Look further:");
    out.println(
        "  ./kappa sql --home "
            + home
            + " \"SELECT _kappa_op, count(*) FROM trail.public_fund_metadata GROUP BY 1\"");
    out.println(
        "  ./kappa up --home "
            + home
            + "    runs this stack again and prints how to reach it by psql");
    out.println("  ./kappa up --source-url jdbc:postgresql://host/db    on a database of yours");
  }

  private static void line(PrintWriter out, String label, String format, Object... arguments) {
    out.printf(Locale.ROOT, "  %-10s " + format + "%n", prepend(label, arguments));
  }

  private static Object[] prepend(String label, Object[] arguments) {
    Object[] all = new Object[arguments.length + 1];
    all[0] = label;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return all;
  }
}
