package io.kappacdc.capture.source;

import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.capture.resume.TransientFailure;
import io.kappacdc.event.Lsn;
import io.kappacdc.runtime.KappaException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the replication slot against the offset in Kafka: continuing must leave no gap, a snapshot
 * must begin with a slot of its own.
 */
public final class SlotCheck {
  private static final Logger LOG = LoggerFactory.getLogger(SlotCheck.class);
  private static final String RESNAPSHOT =
      "start capture once with --resnapshot to read all tables anew";

  private record Slot(
      boolean active, String plugin, String database, @Nullable String walStatus, long lsn) {}

  private final SourceDatabase database;
  private final String name;

  public SlotCheck(SourceDatabase database, String slot) {
    this.database = database;
    this.name = slot;
  }

  /**
   * Before the very first start: there must be no slot of that name, since nobody knows what it has
   * already let go.
   */
  public void requireNone() {
    if (read().isPresent()) {
      throw new KappaException(
          "Replication slot '" + name + "' exists already, and Kafka has no position for it.",
          "It belongs to something else, or the offsets topic was lost.",
          "If nothing else uses it, run  SELECT pg_drop_replication_slot('"
              + name
              + "');  otherwise set source.slot to another name.");
    }
  }

  /** Before a snapshot: drops the slot of an earlier attempt. */
  public void dropLeftover() {
    Optional<Slot> slot = read();
    if (slot.isEmpty()) {
      return;
    }
    if (slot.get().active()) {
      throw new TransientFailure("Replication slot '" + name + "' is in use", null);
    }
    execute("SELECT pg_drop_replication_slot(?)");
    LOG.info("slot={} of an unfinished snapshot dropped", name);
  }

  /** Creates the slot and returns the LSN from which it sends everything. */
  public long create() {
    return Lsn.parse(
        execute("SELECT lsn::text FROM pg_create_logical_replication_slot(?, 'pgoutput')"));
  }

  /**
   * Before streaming on: the slot must still have everything behind the offset.
   *
   * @throws KappaException if it has not
   */
  public void requireContinuous(SourceOffset offset, String systemId) {
    if (!offset.systemId().equals(systemId)) {
      throw new KappaException(
          "The source is another server than the one captured before.",
          "Its system identifier is " + systemId + ", the offset's is " + offset.systemId() + ".",
          "Point source.url at the old server, or " + RESNAPSHOT + ".");
    }
    Slot slot =
        read()
            .orElseThrow(
                () ->
                    new KappaException(
                        "Replication slot '" + name + "' is gone.",
                        "It was dropped, or the server was restored; the changes since "
                            + Lsn.format(offset.lsn())
                            + " cannot be had from it.",
                        "Find out why, then " + RESNAPSHOT + "."));
    if (!"pgoutput".equals(slot.plugin()) || !database.databaseName().equals(slot.database())) {
      throw new KappaException(
          "Replication slot '" + name + "' is not capture's.",
          "It decodes database '" + slot.database() + "' with '" + slot.plugin() + "'.",
          "Set source.slot to another name and " + RESNAPSHOT + ".");
    }
    if ("lost".equals(slot.walStatus())) {
      throw new KappaException(
          "Replication slot '" + name + "' was invalidated.",
          "Capture was behind by more than max_slot_wal_keep_size, and the server removed the log.",
          "Raise max_slot_wal_keep_size, then " + RESNAPSHOT + ".");
    }
    if (Long.compareUnsigned(slot.lsn(), offset.lsn()) > 0) {
      throw new KappaException(
          "Replication slot '" + name + "' is ahead of what Kafka has.",
          "It stands at "
              + Lsn.format(slot.lsn())
              + ", Kafka at "
              + Lsn.format(offset.lsn())
              + ": something else consumed it, or the offsets topic was restored.",
          "Find out which changes are missing, then " + RESNAPSHOT + ".");
    }
  }

  private Optional<Slot> read() {
    String sql =
        "SELECT active, plugin, database, wal_status, confirmed_flush_lsn::text"
            + " FROM pg_replication_slots WHERE slot_name = ?";
    try (Connection connection = database.connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        String lsn = row.getString(5);
        return Optional.of(
            new Slot(
                row.getBoolean(1),
                String.valueOf(row.getString(2)),
                String.valueOf(row.getString(3)),
                row.getString(4),
                lsn == null ? 0 : Lsn.parse(lsn)));
      }
    } catch (SQLException e) {
      throw new TransientFailure("Cannot read the replication slot", e);
    }
  }

  private String execute(String sql) {
    try (Connection connection = database.connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return String.valueOf(row.getString(1));
      }
    } catch (SQLException e) {
      if (TransientFailure.isTransient(e)) {
        throw new TransientFailure("Cannot prepare the replication slot", e);
      }
      throw new KappaException(
          "Cannot prepare replication slot '" + name + "'.",
          String.valueOf(e.getMessage()).lines().findFirst().orElse("no message"),
          "See the source's max_replication_slots and max_wal_senders:"
              + "  SELECT slot_name, active FROM pg_replication_slots;",
          e);
    }
  }
}
