package io.kappacdc.processor.verify;

import io.kappacdc.event.Lsn;
import io.kappacdc.runtime.KappaException;
import java.io.Serial;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Nothing could be verified; says why and what to do. */
final class NotVerifiedException extends KappaException {
  @Serial private static final long serialVersionUID = 1L;

  private static final String PROBLEM = "Could not verify";

  private NotVerifiedException(String reason, String remedy, @Nullable Throwable cause) {
    super(PROBLEM, reason, remedy, cause);
  }

  static NotVerifiedException unreachable(String what, Object address, Exception cause) {
    return new NotVerifiedException(
        what + " at " + address + " cannot be reached: " + StoreException.firstLine(cause),
        "Start it, or correct its address and user in the configuration; `./kappa status` shows what"
            + " runs.",
        cause);
  }

  static NotVerifiedException notConfigured(String key) {
    return new NotVerifiedException(
        key + " is not set, and no stack is up in this home directory",
        "Start one with `./kappa up`, give its --home, or set " + key + " in --config FILE.",
        null);
  }

  static NotVerifiedException fenceRefused(Exception cause) {
    return new NotVerifiedException(
        "the source does not allow a temporary replication slot: "
            + StoreException.firstLine(cause),
        "The source needs wal_level=logical, a free slot (max_replication_slots), a free WAL sender"
            + " (max_wal_senders), and a user with REPLICATION.",
        cause);
  }

  static NotVerifiedException fenceBlocked(
      Duration timeout, List<String> transactions, Exception cause) {
    return new NotVerifiedException(
        "the source's running transactions did not end within "
            + timeout.toSeconds()
            + " s"
            + (transactions.isEmpty() ? "" : ": " + String.join("; ", transactions)),
        "End them, or try again with a longer --timeout.",
        cause);
  }

  static NotVerifiedException captureBehind(
      long fence, @Nullable Long newestCut, Duration timeout) {
    String where =
        newestCut == null
            ? "it published nothing in the meantime"
            : "its newest cut is at "
                + Lsn.format(newestCut)
                + ", "
                + (fence - newestCut)
                + " bytes of WAL before";
    return new NotVerifiedException(
        "capture did not pass the fence "
            + Lsn.format(fence)
            + " within "
            + timeout.toSeconds()
            + " s; "
            + where,
        "See that capture runs (`./kappa status`); if it is only behind, try a longer --timeout.",
        null);
  }

  static NotVerifiedException cutsUnreadable(
      String topic, String reason, @Nullable Exception cause) {
    return new NotVerifiedException(
        "the cuts in topic " + topic + " cannot be read: " + reason,
        "See that Kafka runs and that capture has been started once on this source.",
        cause);
  }

  static NotVerifiedException sinksBehind(List<String> lags, Duration timeout) {
    return new NotVerifiedException(
        "not every store passed the fence within "
            + timeout.toSeconds()
            + " s: "
            + String.join("; ", lags),
        "See that the processor runs and has stopped no table (`./kappa status`); if it is only"
            + " behind, try a longer --timeout.",
        null);
  }

  static NotVerifiedException noPublication(String publication) {
    return new NotVerifiedException(
        "the source has no publication " + publication,
        "Capture creates it when it is started for the first time; see source.publication.",
        null);
  }

  static NotVerifiedException unknownTables(List<String> unknown, List<String> known) {
    return new NotVerifiedException(
        "no such table in the publication or the stores: " + String.join(", ", unknown),
        known.isEmpty()
            ? "The publication has no tables yet."
            : "Known are: " + String.join(", ", known) + ".",
        null);
  }

  static NotVerifiedException notCaptured(List<String> excluded) {
    return new NotVerifiedException(
        "not captured: " + String.join(", ", excluded),
        "source.include-tables and source.exclude-tables leave it out; change them and start capture"
            + " again, or verify without it.",
        null);
  }

  static NotVerifiedException failed(Throwable cause) {
    return new NotVerifiedException(
        cause.getClass().getSimpleName() + ": " + StoreException.firstLine(cause),
        "Run it again with --debug for the stack trace.",
        cause);
  }
}
