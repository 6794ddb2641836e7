package io.kappacdc.load;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Does transactions at the times of a schedule. Arrival k is session k modulo the number of
 * sessions, so that each session does the same transactions in the same order in every run of a
 * seed. A slow source makes arrivals late, and their latency long, but does not make them fewer,
 * until the load's end: what was not begun by then is not begun, and shows as shortfall.
 * Thread-safe.
 */
public final class LoadEngine implements AutoCloseable {
  /** Arrivals that wait at most, over all sessions; what comes beyond is not taken. */
  private static final int WAITING_MAX = 400_000;

  private static final Duration STOP_MAX = Duration.ofSeconds(5);

  private final ConnectionSource connections;
  private final Workload workload;
  private final LoadSettings settings;
  private final ArrivalSchedule schedule;
  private final LoadAccount account;
  private final List<LoadSession> sessions = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong nextArrival = new AtomicLong();
  private final AtomicReference<@Nullable SQLException> lastFailure = new AtomicReference<>();
  private final CountDownLatch opened;
  private final CountDownLatch begun = new CountDownLatch(1);
  private volatile long startNanos;
  private volatile long startMicros;
  private volatile boolean stopped;

  /** A defect of the workload, which ends the load. */
  private volatile @Nullable RuntimeException broken;

  /** Opens a connection to the source; closing it gives it back. */
  @FunctionalInterface
  public interface ConnectionSource {
    Connection connect() throws SQLException;
  }

  /** What became of an arrival. */
  public enum Outcome {
    COMMITTED,
    FAILED,
    /** The load was over or broken, or too many arrivals were waiting, before it could begin. */
    NOT_BEGUN
  }

  /**
   * An arrival's end.
   *
   * @param transaction its number
   * @param intendedMillis the time it was meant for, milliseconds since 1970
   * @param endMillis when it ended
   * @param problem why it failed; null if it did not. Without values of rows.
   */
  public record Ended(
      long transaction,
      Outcome outcome,
      long intendedMillis,
      long endMillis,
      @Nullable String problem) {}

  /** Is told of an arrival's end, on the session's thread: it must not block. */
  @FunctionalInterface
  public interface Listener {
    void ended(Ended arrival);
  }

  private LoadEngine(ConnectionSource connections, Workload workload, LoadSettings settings) {
    this.connections = connections;
    this.workload = workload;
    this.settings = settings;
    this.schedule = settings.schedule(workload);
    this.account = new LoadAccount(workload, schedule, settings);
    this.opened = new CountDownLatch(settings.connections());
  }

  /**
   * Opens all sessions; returns then.
   *
   * @throws SQLException if one cannot be opened
   */
  public static LoadEngine open(
      ConnectionSource connections, Workload workload, LoadSettings settings) throws SQLException {
    LoadEngine engine = new LoadEngine(connections, workload, settings);
    for (int i = 0; i < settings.connections(); i++) {
      LoadSession session = new LoadSession(engine, i, WAITING_MAX / settings.connections());
      Thread thread = new Thread(() -> engine.run(session), "load-" + i);
      thread.setDaemon(true);
      engine.sessions.add(session);
      engine.threads.add(thread);
      thread.start();
    }
    try {
      engine.opened.await();
    } catch (InterruptedException e) {
      engine.stop();
      Thread.currentThread().interrupt();
      throw new SQLException("Interrupted while the load's sessions were opened", e);
    }
    SQLException failure = engine.lastFailure.get();
    if (failure != null) {
      engine.stop();
      throw failure;
    }
    if (engine.isStopped()) {
      engine.stop();
      engine.throwIfBroken();
    }
    return engine;
  }

  private void run(LoadSession session) {
    try (session) {
      try {
        session.open();
      } catch (SQLException e) {
        lastFailure.set(e);
      } finally {
        opened.countDown();
      }
      begun.await();
      session.work();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // stopped while waiting
    } catch (RuntimeException e) {
      broken = e;
      stopped = true;
    } finally {
      session.abandon();
    }
  }

  /** Time zero of the schedule is so far from now. */
  public void begin(Duration lead) {
    startNanos = System.nanoTime() + lead.toNanos();
    startMicros = System.currentTimeMillis() * 1_000 + lead.toNanos() / 1_000;
    begun.countDown();
  }

  /**
   * The next arrival of the schedule has come, or comes soon: it begins at its own time.
   *
   * @return false if the schedule has no more arrivals; the listener is told nothing then
   */
  public boolean arrive(Listener listener) {
    long number = nextArrival.getAndIncrement();
    if (number >= schedule.total()) {
      return false;
    }
    LoadSession session = sessions.get((int) (number % sessions.size()));
    if (stopped || !session.offer(number, listener)) {
      listener.ended(ended(number, Outcome.NOT_BEGUN, schedule.nanosOf(number), null));
    }
    return true;
  }

  Ended ended(long number, Outcome outcome, long intendedNanos, @Nullable String problem) {
    return new Ended(number, outcome, millis(intendedNanos), millis(elapsedNanos()), problem);
  }

  private long millis(long nanosSinceStart) {
    return (startMicros + nanosSinceStart / 1_000) / 1_000;
  }

  /** Arrivals handed out so far. */
  long arrived() {
    return nextArrival.get();
  }

  /** Since the schedule's time zero; negative before it. */
  long elapsedNanos() {
    return begun.getCount() > 0 ? -1 : System.nanoTime() - startNanos;
  }

  /** Whether no further transaction is begun: it was closed, or a defect ended it. */
  public boolean isStopped() {
    return stopped;
  }

  /** From the schedule's time zero to its end. */
  public Duration duration() {
    return settings.duration();
  }

  Workload workload() {
    return workload;
  }

  LoadSettings settings() {
    return settings;
  }

  public ArrivalSchedule schedule() {
    return schedule;
  }

  LoadAccount account() {
    return account;
  }

  ConnectionSource connections() {
    return connections;
  }

  void failed(SQLException failure) {
    lastFailure.set(failure);
  }

  /** When the schedule's time zero was, microseconds since 1970. */
  public long startMicros() {
    return startMicros;
  }

  /**
   * What was done so far.
   *
   * @throws IllegalStateException if a defect of the workload ended the load
   */
  public LoadProgress progress() {
    throwIfBroken();
    return account.progress(elapsedNanos());
  }

  /** Of that, what was meant for a time after the warm-up. */
  public LoadProgress measured() {
    throwIfBroken();
    return account.measured(elapsedNanos());
  }

  /** What was due and what was committed, second by second. */
  public List<LoadSecond> seconds() {
    return account.seconds();
  }

  private void throwIfBroken() {
    if (broken != null) {
      throw new IllegalStateException("The workload broke", broken);
    }
  }

  /** Why the last failed transaction failed; null if none did. */
  public @Nullable SQLException lastFailure() {
    return lastFailure.get();
  }

  public boolean isRunning() {
    return threads.stream().anyMatch(Thread::isAlive);
  }

  /** Waits for the load's end and says what it came to. */
  public LoadProgress await() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
    return progress();
  }

  private void stop() {
    stopped = true;
    if (begun.getCount() > 0) {
      threads.forEach(Thread::interrupt);
    }
  }

  /** Begins no further transaction; returns when those in flight are done, or after a bound. */
  @Override
  public void close() {
    stop();
    try {
      for (Thread thread : threads) {
        thread.join(TimeUnit.NANOSECONDS.toMillis(STOP_MAX.toNanos()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
