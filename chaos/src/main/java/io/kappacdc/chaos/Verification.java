package io.kappacdc.chaos;

import io.kappacdc.chaos.stack.Stack;
import io.kappacdc.processor.lake.LakeSparkSession;
import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.processor.verify.DatabaseAddress;
import io.kappacdc.processor.verify.Differences;
import io.kappacdc.processor.verify.Pipeline;
import io.kappacdc.processor.verify.StoreReport;
import io.kappacdc.processor.verify.Verdict;
import io.kappacdc.processor.verify.VerificationReport;
import io.kappacdc.processor.verify.Verifier;
import io.kappacdc.processor.verify.VerifyOptions;
import io.kappacdc.runtime.columns.ColumnPolicies;
import io.kappacdc.runtime.config.TableFilter;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code kappa verify}, past the proxies and on one Spark session for the whole run. */
final class Verification implements AutoCloseable {
  private final Stack stack;
  private @Nullable LakeSparkSession spark;
  private int count;

  Verification(Stack stack) {
    this.stack = stack;
  }

  /** Where everything is now: a fault may have put another server in the source's place. */
  private Pipeline pipeline() {
    return new Pipeline(
        new Pipeline.Source(
            new DatabaseAddress(
                stack.source().directUrl(), stack.source().user(), stack.source().password()),
            "kappa_pub",
            TableFilter.ALL,
            false,
            ColumnPolicies.NONE),
        new KafkaSettings(stack.broker().directBootstrapServers(), "pgsrc", Map.of()),
        new DatabaseAddress(stack.sink().directUrl(), stack.sink().user(), stack.sink().password()),
        stack.lake().toString());
  }

  /** Compares everything row by row; returns what differs. */
  List<String> run() {
    if (spark == null) {
      System.setProperty("spark.master", "local[1]");
      System.setProperty("spark.driver.host", "127.0.0.1");
      System.setProperty("spark.driver.bindAddress", "127.0.0.1");
      spark = LakeSparkSession.start("kappa chaos");
    }
    LakeSparkSession session = spark;
    VerificationReport report =
        new Verifier(session::session, Clock.systemUTC()).verify(VerifyOptions.of(pipeline()));
    count++;
    return report.tables().stream()
        .flatMap(
            table ->
                table.stores().stream()
                    .filter(store -> store.verdict() != Verdict.MATCH)
                    .map(store -> table.table() + " " + text(store)))
        .toList();
  }

  private static String text(StoreReport store) {
    if (store.verdict() == Verdict.NOT_VERIFIED) {
      return store.store() + " not verified: " + store.reason();
    }
    Differences found = store.differences();
    return "%s: %d missing, %d that do not belong there, %d different%s"
        .formatted(
            store.store(),
            found.missing(),
            found.extra(),
            found.different(),
            found.rows().stream()
                .limit(3)
                .map(row -> "; " + row.kind() + " " + row.key())
                .toList());
  }

  int count() {
    return count;
  }

  @Override
  public void close() {
    if (spark != null) {
      spark.close();
    }
  }
}
