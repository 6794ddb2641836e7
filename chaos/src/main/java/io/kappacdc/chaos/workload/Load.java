package io.kappacdc.chaos.workload;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Tellers at work in threads of their own, at a bounded rate, whatever becomes of the source: a
 * session that is lost is replaced as soon as another can be had. Thread-safe.
 */
public final class Load implements AutoCloseable {
  /** Sessions at the same time; the ledger's rows are numbered for each. */
  public static final int TELLERS = 4;

  private static final Duration RECONNECT_PAUSE = Duration.ofMillis(100);

  /** How far a teller may fall behind its rate before it lets the rest be. */
  private static final Duration LAG_MAX = Duration.ofMillis(500);

  private static final String CONNECTION_ERRORS = "08";
  private static final String SERVER_STOPS = "57";

  /** Where the source is. */
  @FunctionalInterface
  public interface Source {
    Connection connect() throws SQLException;
  }

  private final Source source;
  private final Duration interval;
  private final AtomicLong committed = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private final ReadWriteLock working = new ReentrantReadWriteLock();
  private volatile boolean truncating = true;
  private volatile boolean stopping;
  private volatile @Nullable String failure;

  private Load(Source source, Duration interval) {
    this.source = source;
    this.interval = interval;
  }

  /**
   * Starts the tellers.
   *
   * @param rate transactions a second, of all tellers together
   */
  public static Load start(Source source, int rate, long seed) {
    Load load = new Load(source, Duration.ofSeconds(TELLERS).dividedBy(rate));
    for (int number = 0; number < TELLERS; number++) {
      Teller teller = new Teller(number, seed + number, () -> load.truncating);
      Thread thread = new Thread(() -> load.run(teller), "teller-" + number);
      thread.setDaemon(true);
      load.threads.add(thread);
      thread.start();
    }
    return load;
  }

  /**
   * Does something during which no table is truncated: whoever reads the source at a moment of the
   * past finds what was truncated since empty.
   *
   * @throws Exception what the work throws
   */
  public <T> T withoutTruncates(Callable<T> work) throws Exception {
    truncating = false;
    try {
      return work.call();
    } finally {
      truncating = true;
    }
  }

  /**
   * Does something while no teller is in a transaction.
   *
   * @throws Exception what the work throws
   */
  public <T> T atRest(Callable<T> work) throws Exception {
    working.writeLock().lock();
    try {
      return work.call();
    } finally {
      working.writeLock().unlock();
    }
  }

  /** Transactions that a teller was told are committed. */
  public long committed() {
    return committed.get();
  }

  /** What a teller could not cope with: an error that no fault explains; null if there is none. */
  public @Nullable String failure() {
    return failure;
  }

  private void run(Teller teller) {
    while (!stopping) {
      try (Connection session = source.connect()) {
        teller.use(session);
        work(teller, session);
      } catch (SQLException e) {
        if (!isLoss(e)) {
          failure = e.getSQLState() + ": " + e.getMessage();
        }
        pause(RECONNECT_PAUSE);
      } catch (RuntimeException e) {
        failure = String.valueOf(e);
        return;
      }
    }
  }

  private void work(Teller teller, Connection session) throws SQLException {
    long due = System.nanoTime();
    while (!stopping) {
      working.readLock().lock();
      try {
        if (teller.work()) {
          committed.incrementAndGet();
        }
      } catch (SQLException e) {
        if (isLoss(e) || session.isClosed()) {
          throw e;
        }
        if (!isContention(e)) {
          failure = e.getSQLState() + ": " + e.getMessage();
        }
        session.rollback();
      } finally {
        working.readLock().unlock();
      }
      due = Math.max(due + interval.toNanos(), System.nanoTime() - LAG_MAX.toNanos());
      pause(Duration.ofNanos(due - System.nanoTime()));
    }
  }

  private static boolean isLoss(SQLException error) {
    String state = error.getSQLState();
    return state == null || state.startsWith(CONNECTION_ERRORS) || state.startsWith(SERVER_STOPS);
  }

  /** Deadlocks, tables that change under a prepared statement: concurrent sessions expect that. */
  private static boolean isContention(SQLException error) {
    String state = error.getSQLState();
    return state.startsWith("40") || state.startsWith("55") || state.startsWith("0A");
  }

  private static void pause(Duration time) {
    if (time.isNegative() || time.isZero()) {
      return;
    }
    try {
      Thread.sleep(time.toMillis(), time.toNanosPart() % 1_000_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets the tellers finish what they are at; those that cannot within a second are left to it. */
  @Override
  public void close() {
    stopping = true;
    for (Thread thread : threads) {
      try {
        thread.join(1_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
