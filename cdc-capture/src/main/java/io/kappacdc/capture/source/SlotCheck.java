package io.kappacdc.capture.source;

import io.kappacdc.capture.resume.GapException;
import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.capture.resume.TransientFailure;
import io.kappacdc.event.Lsn;
import io.kappacdc.runtime.KappaException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the replication slot against the offset in Kafka: continuing must leave no gap, a snapshot
 * must begin with a slot of its own.
 */
public final class SlotCheck {
  private static final Logger LOG = LoggerFactory.getLogger(SlotCheck.class);

  private static final int QUERY_SECONDS_MAX = 60;

  /** From this version on standbys can have the slot too. */
  private static final int VERSION_17 = 170_000;

  /** How much filler is written at most to bring a restored source past what was captured. */
  static final long FILLER_BYTES_MAX = 1L << 30;

  private static final int FILLER_CHUNK_BYTES = 8 << 20;

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
    Optional<SlotState> slot = read();
    if (slot.isEmpty()) {
      return;
    }
    requireOurs(slot.get());
    if (slot.get().active()) {
      throw new TransientFailure("Replication slot '" + name + "' is in use", null);
    }
    execute("SELECT pg_drop_replication_slot(?)");
    LOG.info("slot={} dropped before a new snapshot", name);
  }

  /**
   * Drops the slot although somebody streams from it, which frees the log it holds.
   *
   * @throws TransientFailure if it is still in use, or the server cannot be reached
   */
  public void giveUp() {
    Optional<SlotState> slot = read();
    if (slot.isEmpty()) {
      return;
    }
    requireOurs(slot.get());
    if (slot.get().active()) {
      execute(
          "SELECT count(pg_terminate_backend(active_pid)) FROM pg_replication_slots"
              + " WHERE slot_name = ? AND active_pid IS NOT NULL");
    }
    execute("SELECT pg_drop_replication_slot(?)");
    LOG.warn("slot={} dropped, which frees the WAL it held", name);
  }

  /** Creates the slot and returns the LSN from which it sends everything. */
  public long create() {
    return Lsn.parse(
        execute(
            isFailoverPossible()
                ? "SELECT lsn::text FROM pg_create_logical_replication_slot("
                    + "?, 'pgoutput', failover => true)"
                : "SELECT lsn::text FROM pg_create_logical_replication_slot(?, 'pgoutput')"));
  }

  private boolean isFailoverPossible() {
    try (Connection connection = database.connect()) {
      return PublishedTable.serverVersion(connection) >= VERSION_17;
    } catch (SQLException e) {
      throw new TransientFailure("Cannot ask for the source's version", e);
    }
  }

  /**
   * Before a snapshot of a source that went back: new changes must rank behind all that are
   * published, so its log is brought past them. Only the distance that a restored backup may have
   * is bridged.
   *
   * @throws KappaException if the log is too far behind
   */
  public void bringLogPast(long lsn) {
    long distance = lsn - ServerIdentity.read(database).lsn();
    if (distance < 0) {
      return;
    }
    if (distance > FILLER_BYTES_MAX) {
      throw new KappaException(
          "The source's log is behind what is published, and new changes would rank before it.",
          "Published are changes up to "
              + Lsn.format(lsn)
              + ", and the source's log is "
              + (distance >> 20)
              + " MiB short of that: it is another server, or a backup that is long past.",
          "Begin anew with it: set kafka.topic-prefix to another name, and sink.url and lake.path to"
              + " empty stores.");
    }
    LOG.warn(
        "slot={} the source's log is {} bytes short of what is published: writing so much filler",
        name,
        distance);
    for (long written = 0; written <= distance; written += FILLER_CHUNK_BYTES) {
      // The transaction id makes the server flush the message at once.
      execute(
          "SELECT pg_logical_emit_message(false, ?, repeat('x', "
              + FILLER_CHUNK_BYTES
              + "))::text || pg_current_xact_id()::text");
    }
  }

  /**
   * Before streaming on: the slot must still have everything behind the offset.
   *
   * @throws KappaException if it has not
   */
  public void requireContinuous(SourceOffset offset) {
    requireContinuous(read(), offset.lsn());
  }

  /**
   * The same of a slot that was just read.
   *
   * @param lsn how far the source is published
   */
  void requireContinuous(Optional<SlotState> read, long lsn) {
    if (read.isEmpty()) {
      throw GapException.of(
          "Replication slot '" + name + "' is gone.",
          "It was dropped, or the server was restored; the changes since "
              + Lsn.format(lsn)
              + " cannot be had from it.",
          "Find out why");
    }
    SlotState slot = read.get();
    requireOurs(slot);
    if (slot.isLost()) {
      boolean isBehind = slot.invalidation() == null || slot.invalidation().equals("wal_removed");
      throw GapException.of(
          "Replication slot '" + name + "' was invalidated.",
          isBehind
              ? "Capture was behind by more than max_slot_wal_keep_size, and the server removed the"
                  + " log."
              : "The server gave it up, its reason is " + slot.invalidation() + ".",
          isBehind ? "Raise max_slot_wal_keep_size" : "Find out why");
    }
    if (Long.compareUnsigned(slot.confirmedLsn(), lsn) > 0) {
      throw GapException.of(
          "Replication slot '" + name + "' is ahead of what Kafka has.",
          "It stands at "
              + Lsn.format(slot.confirmedLsn())
              + ", Kafka at "
              + Lsn.format(lsn)
              + ": it was dropped and made anew, something else consumed it, or the offsets topic was"
              + " restored.",
          "Find out which changes are missing");
    }
  }

  private void requireOurs(SlotState slot) {
    if (!"pgoutput".equals(slot.plugin()) || !database.databaseName().equals(slot.database())) {
      throw new KappaException(
          "Replication slot '" + name + "' is not capture's.",
          "It decodes database '" + slot.database() + "' with '" + slot.plugin() + "'.",
          "Set source.slot to another name and start capture once with --resnapshot.");
    }
  }

  private Optional<SlotState> read() {
    try (Connection connection = database.connect()) {
      return SlotState.read(connection, name, QUERY_SECONDS_MAX);
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
