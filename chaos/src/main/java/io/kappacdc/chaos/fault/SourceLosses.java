package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.Role;
import io.kappacdc.chaos.stack.Signals;
import io.kappacdc.chaos.stack.Stack;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** Faults that take the source's slot, or put another server in the source's place. */
final class SourceLosses {
  private static final String SLOT = "kappa_slot";
  private static final int WEIGHT = 14;
  private static final Duration WAIT_MAX = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration LOAD_AFTER_MAX = Duration.ofSeconds(3);

  /** Ahead if it went just as capture connected: the engine then makes a new one. */
  private static final List<String> GONE =
      List.of(
          "Replication slot '" + SLOT + "' is gone",
          "Replication slot '" + SLOT + "' is ahead of what Kafka has");

  private static final List<String> WENT_BACK =
      List.of(
          "The source went back to before what was captured",
          "The source does not have the last transaction that was captured");

  private static final String INVALIDATED = "Replication slot '" + SLOT + "' was invalidated";

  /** One object each, so that schedules of them can be compared. */
  private static final List<Fault> ALL =
      List.of(
          Gap.ofSource("drop-slot", WEIGHT, GONE, SourceLosses::dropSlot),
          Gap.ofSource(
              "invalidate-slot", WEIGHT, List.of(INVALIDATED), SourceLosses::invalidateSlot),
          Gap.ofSource("restore-source", WEIGHT, WENT_BACK, SourceLosses::restore),
          new FailOver(WEIGHT));

  private SourceLosses() {}

  static List<Fault> all() {
    return ALL;
  }

  private record FailOver(int weight) implements Fault {
    @Override
    public String name() {
      return "failover-source";
    }

    @Override
    public String inflict(Stack stack, Random random) throws Exception {
      stack.source().failOver(SLOT);
      return "a standby took over";
    }
  }

  /** Ends the connection that streams, and takes the slot away before it is back. */
  private static String dropSlot(Stack stack, Random random) throws Exception {
    long deadline = System.nanoTime() + WAIT_MAX.toNanos();
    while (true) {
      try (Connection source = stack.source().connect();
          Statement statement = source.createStatement()) {
        statement.execute(
            "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots"
                + " WHERE slot_name = '"
                + SLOT
                + "' AND active");
        statement.execute("SELECT pg_drop_replication_slot('" + SLOT + "')");
        return "";
      } catch (SQLException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        Times.sleep(POLL); // capture was faster
      }
    }
  }

  /** Capture stands still while the server writes more than the slot may hold back. */
  private static String invalidateSlot(Stack stack, Random random) throws Exception {
    long pid = Roles.pid(stack, Role.CAPTURE);
    Signals.pause(List.of(pid));
    try (Connection source = stack.source().connect();
        Statement statement = source.createStatement()) {
      statement.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'");
      statement.execute("SELECT pg_reload_conf()");
      long deadline = System.nanoTime() + WAIT_MAX.toNanos();
      while (!isLost(statement)) {
        if (System.nanoTime() > deadline) {
          throw new MissedException("the slot was not lost in time");
        }
        statement.execute("SELECT pg_logical_emit_message(false, 'filler', 'x')");
        statement.execute("SELECT pg_switch_wal()");
        statement.execute("CHECKPOINT");
      }
      statement.execute("ALTER SYSTEM RESET max_slot_wal_keep_size");
      statement.execute("SELECT pg_reload_conf()");
    } finally {
      Signals.resume(List.of(pid));
    }
    return "";
  }

  private static boolean isLost(Statement source) throws SQLException {
    try (ResultSet row =
        source.executeQuery(
            "SELECT wal_status FROM pg_replication_slots WHERE slot_name = '" + SLOT + "'")) {
      return row.next() && "lost".equals(row.getString(1));
    }
  }

  /** A backup takes the source's place once capture has passed it. */
  private static String restore(Stack stack, Random random) throws Exception {
    Path backup = stack.source().backUp();
    long end = logEnd(stack);
    Duration after = Times.between1sAnd(LOAD_AFTER_MAX, random);
    Times.sleep(after);
    awaitCaptured(stack, end);
    if (random.nextBoolean()) {
      stack.source().restore(backup);
      return "back by " + Times.text(after);
    }
    stack.source().restoreOnNewTimeline(backup);
    return "back by " + Times.text(after) + " on a new timeline";
  }

  private static long logEnd(Stack stack) throws SQLException {
    try (Connection source = stack.source().connect();
        Statement statement = source.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_current_wal_lsn() - '0/0'")) {
      row.next();
      return row.getLong(1);
    }
  }

  private static void awaitCaptured(Stack stack, long lsn) throws Exception {
    long deadline = System.nanoTime() + WAIT_MAX.toNanos();
    try (Connection source = stack.source().connect();
        Statement statement = source.createStatement()) {
      while (System.nanoTime() < deadline) {
        try (ResultSet row =
            statement.executeQuery(
                "SELECT confirmed_flush_lsn - '0/0' FROM pg_replication_slots WHERE slot_name = '"
                    + SLOT
                    + "'")) {
          if (row.next() && row.getLong(1) > lsn) {
            return;
          }
        }
        Times.sleep(POLL);
      }
    }
    throw new MissedException("capture did not get past the backup in time");
  }
}
