package io.kappacdc.capture.source;

import io.kappacdc.capture.resume.TransientFailure;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactions that a new slot has to wait for: PostgreSQL creates it once all that were
 * running have ended, and says nothing meanwhile.
 */
public final class RunningTransactions {
  private static final Logger LOG = LoggerFactory.getLogger(RunningTransactions.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration SAY_AFTER = Duration.ofSeconds(2);
  private static final Duration SAY_AGAIN = Duration.ofMinutes(1);
  private static final int QUERY_SECONDS_MAX = 60;

  private static final String NEXT = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text";

  /** Others' transactions are described as far as the role may see them. */
  private static final String OLDEST =
      """
      SELECT pg_snapshot_xmin(pg_current_snapshot())::text,
        coalesce(
          (SELECT 'the transaction of process ' || pid || coalesce(' of user ' || usename, '')
              || coalesce(', which began at ' || date_trunc('second', xact_start), '')
           FROM pg_stat_activity
           WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
           ORDER BY xact_start LIMIT 1),
          (SELECT 'the prepared transaction ' || quote_literal(gid) || ' of ' || prepared
           FROM pg_prepared_xacts ORDER BY prepared LIMIT 1),
          'a transaction')
      """;

  private final SourceDatabase database;
  private final Clock clock;

  public RunningTransactions(SourceDatabase database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * Waits until all have ended that are running now.
   *
   * @param isStopped asked several times a second; ends the wait
   * @param waiting told what is waited for when that takes long, and an empty text at the end
   * @throws TransientFailure if the source cannot be asked
   */
  public void awaitEnd(BooleanSupplier isStopped, Consumer<String> waiting) {
    Instant began = clock.instant();
    Instant sayAt = began.plus(SAY_AFTER);
    try (Connection connection = database.connect();
        Statement query = connection.createStatement()) {
      query.setQueryTimeout(QUERY_SECONDS_MAX);
      long next = next(query);
      for (Oldest oldest = oldest(query);
          oldest.transaction() < next && !isStopped.getAsBoolean();
          oldest = oldest(query)) {
        Instant now = clock.instant();
        if (!now.isBefore(sayAt)) {
          waiting.accept("the snapshot waits for the end of " + oldest.description());
          LOG.warn(
              "The snapshot waits for transactions that are running: {} s so far, the oldest is {}",
              Duration.between(began, now).toSeconds(),
              oldest.description());
          sayAt = now.plus(SAY_AGAIN);
        }
        LockSupport.parkNanos(POLL.toNanos());
      }
    } catch (SQLException e) {
      throw new TransientFailure("Cannot ask for the source's transactions", e);
    } finally {
      waiting.accept("");
    }
  }

  private record Oldest(long transaction, String description) {}

  private static long next(Statement query) throws SQLException {
    try (ResultSet row = query.executeQuery(NEXT)) {
      row.next();
      return Long.parseLong(row.getString(1));
    }
  }

  private static Oldest oldest(Statement query) throws SQLException {
    try (ResultSet row = query.executeQuery(OLDEST)) {
      row.next();
      return new Oldest(Long.parseLong(row.getString(1)), row.getString(2));
    }
  }
}
