package io.kappacdc.runtime.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The PostgreSQL whose changes are captured. */
public record SourceConfig(
    @Key(
            doc =
                "JDBC URL of the source database. Without it `up` and `demo` start an embedded"
                    + " PostgreSQL.")
        @Nullable String url,
    @Key(doc = "User with REPLICATION and the right to create a publication for all tables.")
        @Nullable String user,
    @Key(doc = "Password of source.user.", secret = true) @Nullable String password,
    @Key(doc = "Replication slot that capture creates and reads.", byDefault = "kappa_slot")
        String slot,
    @Key(
            doc = "Publication that capture creates (FOR ALL TABLES) and reads.",
            byDefault = "kappa_pub")
        String publication,
    @Key(
            doc =
                "Tables of the publication to capture: regular expressions, each for the whole of"
                    + " `schema.table`, as a list or with commas between. Without it all of them. A"
                    + " comma within an expression is written as `\\,`.")
        TablePatterns includeTables,
    @Key(doc = "Tables to leave out, among those that `source.include-tables` admits; likewise.")
        TablePatterns excludeTables,
    @Key(doc = "How often the slot and the WAL it holds are measured.", byDefault = "5s")
        Duration slotCheckInterval,
    @Key(doc = "WAL held by the slot from which on capture warns.", byDefault = "1GiB")
        DataSize slotWalWarn,
    @Key(
            doc =
                "WAL held by the slot from which on `source.slot-wal-policy` applies, once it has held"
                    + " as much for twelve checks and is not shrinking. Without it there is no limit"
                    + " of ours.")
        @Nullable DataSize slotWalLimit,
    @Key(
            doc =
                "At the limit: `continue` and warn; `stop` capture with an error, the slot stays;"
                    + " `resnapshot`: drop the slot, which frees the WAL, and read all tables anew.",
            byDefault = "continue")
        SlotWalPolicy slotWalPolicy) {
  /** What capture does when its slot holds more WAL than it may. */
  public enum SlotWalPolicy {
    CONTINUE,
    STOP,
    RESNAPSHOT
  }

  /** Which tables of the publication are captured. */
  public TableFilter tables() {
    return new TableFilter(includeTables, excludeTables);
  }
}
