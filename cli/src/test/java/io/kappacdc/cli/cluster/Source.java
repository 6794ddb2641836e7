package io.kappacdc.cli.cluster;

import static org.awaitility.Awaitility.await;

import io.kappacdc.stack.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Two tables that change, one of them without a key, and an account of the changes. Bursts make
 * batches that executors work on; rounds keep coming while something is killed.
 */
final class Source implements AutoCloseable {
  private static final int BURST_TRANSACTION = 5_000;
  private static final Duration ROUNDS_MAX = Duration.ofMinutes(10);

  private final Connection connection;
  private final Connection writing;
  private final Semaphore rounds = new Semaphore(0);
  private final AtomicLong entries = new AtomicLong();
  private final AtomicLong notes = new AtomicLong();
  private final Thread writer;
  private volatile boolean isClosed;
  private int nextEntry;

  Source(EmbeddedPostgres postgres, String database) throws SQLException {
    connection = postgres.connect(database);
    writing = postgres.connect(database);
    writing.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE entry (id int PRIMARY KEY, amount numeric(12,2), memo text)");
      statement.execute("CREATE TABLE note (at timestamptz, text text)");
    }
    writer = new Thread(this::write, "rounds");
    writer.start();
  }

  /** Changes of each table that were committed. */
  long entries() {
    return entries.get();
  }

  long notes() {
    return notes.get();
  }

  /** Inserts so many rows, half of them into each table, in transactions of 5,000. */
  void burst(int rows) throws SQLException {
    for (int done = 0; done < rows; done += BURST_TRANSACTION) {
      int half = BURST_TRANSACTION / 2;
      try (Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        int inserted =
            statement.executeUpdate(
                "INSERT INTO entry SELECT n, n / 7.0, repeat('memo ', 10)"
                    + " FROM generate_series(%d, %d) n".formatted(nextEntry + 1, nextEntry + half));
        nextEntry += half;
        int noted =
            statement.executeUpdate(
                "INSERT INTO note SELECT now(), 'burst ' || n FROM generate_series(1, %d) n"
                    .formatted(half));
        connection.commit();
        entries.addAndGet(inserted);
        notes.addAndGet(noted);
      }
    }
  }

  /** Lets so many small transactions come, one after the other; does not wait for them. */
  void goOn(int more) {
    rounds.release(more);
  }

  void awaitRounds() {
    await()
        .atMost(ROUNDS_MAX)
        .failFast(() -> !writer.isAlive())
        .until(() -> rounds.availablePermits() == 0 && rounds.hasQueuedThreads());
  }

  private void write() {
    try (Statement statement = writing.createStatement()) {
      for (int round = 0; ; round++) {
        rounds.acquire();
        if (isClosed) {
          return;
        }
        change(statement, round);
      }
    } catch (SQLException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Rows of its own, below zero: new ones, changed ones, deleted ones, one that comes back. */
  private void change(Statement statement, int round) throws SQLException {
    int id = -1 - round % 50;
    int changed =
        statement.executeUpdate("DELETE FROM entry WHERE id = %d".formatted(id))
            + statement.executeUpdate(
                "INSERT INTO entry VALUES (%d, %d, 'round')".formatted(id, round))
            + statement.executeUpdate(
                "UPDATE entry SET amount = %d WHERE id BETWEEN -50 AND -30".formatted(round));
    int noted =
        statement.executeUpdate("INSERT INTO note VALUES (now(), 'round %d')".formatted(round));
    writing.commit();
    entries.addAndGet(changed);
    notes.addAndGet(noted);
  }

  @Override
  public void close() throws Exception {
    isClosed = true;
    rounds.release();
    writer.join();
    writing.close();
    connection.close();
  }
}
