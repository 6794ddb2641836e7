package io.kappacdc.load;

import io.kappacdc.load.LoadProgress.Latency;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.jspecify.annotations.Nullable;

/**
 * Sends a workload's transactions at the times of a schedule. A slow source makes arrivals late,
 * and their latency long, but does not make them fewer, until the load's end: what was not begun by
 * then is not begun, and shows as shortfall. Thread-safe.
 */
public final class OpenLoop implements AutoCloseable {
  private static final long ENDED = -1;
  private static final long LATENCY_MICROS_MAX = TimeUnit.HOURS.toMicros(24);
  private static final long PARK_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long RECONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final ConnectionSource connections;
  private final Workload workload;
  private final LoadSettings settings;
  private final ArrivalSchedule schedule;
  private final AtomicLong nextArrival = new AtomicLong();
  private final AtomicReference<ChangeCount> committed = new AtomicReference<>(ChangeCount.NONE);
  private final AtomicLong transactions = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private final AtomicReference<@Nullable SQLException> lastFailure = new AtomicReference<>();
  private final ConcurrentHistogram latencyMicros = new ConcurrentHistogram(LATENCY_MICROS_MAX, 3);
  private final List<Thread> workers = new ArrayList<>();
  private final CountDownLatch opened;
  private final CountDownLatch go = new CountDownLatch(1);
  private volatile long startNanos;
  private volatile boolean stopped;

  /** A defect of the workload, which ends the load. */
  private volatile @Nullable RuntimeException broken;

  /** Opens a new connection to the source. */
  @FunctionalInterface
  public interface ConnectionSource {
    Connection connect() throws SQLException;
  }

  private OpenLoop(ConnectionSource connections, Workload workload, LoadSettings settings) {
    this.connections = connections;
    this.workload = workload;
    this.settings = settings;
    this.schedule = settings.schedule();
    this.opened = new CountDownLatch(settings.connections());
  }

  /**
   * Starts the load once all sessions are open; returns then.
   *
   * @throws SQLException if no session can be opened
   */
  public static OpenLoop start(
      ConnectionSource connections, Workload workload, LoadSettings settings) throws SQLException {
    OpenLoop load = new OpenLoop(connections, workload, settings);
    for (int i = 0; i < settings.connections(); i++) {
      int index = i;
      Thread worker = new Thread(() -> load.workOrBreak(index), "load-" + index);
      worker.setDaemon(true);
      load.workers.add(worker);
      worker.start();
    }
    try {
      load.opened.await();
    } catch (InterruptedException e) {
      load.stop();
      Thread.currentThread().interrupt();
      throw new SQLException("Interrupted while the load's sessions were opened", e);
    }
    SQLException failure = load.lastFailure.get();
    if (failure != null) {
      load.stop();
      throw failure;
    }
    load.startNanos = System.nanoTime();
    load.go.countDown();
    return load;
  }

  private void workOrBreak(int index) {
    try {
      work(index);
    } catch (RuntimeException e) {
      broken = e;
      stopped = true;
    }
  }

  private void work(int index) {
    Workload.Session session = null;
    try (SessionSlot slot = new SessionSlot(index)) {
      try {
        session = slot.open();
      } catch (SQLException e) {
        lastFailure.set(e);
      } finally {
        opened.countDown();
      }
      go.await();
      for (long intended = awaitArrival(); intended != ENDED; intended = awaitArrival()) {
        session = transact(intended, session, slot);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // stopped while waiting
    }
  }

  /** Returns the time that the next arrival is meant for once it has come, or {@link #ENDED}. */
  private long awaitArrival() {
    long index = nextArrival.getAndIncrement();
    long intended = schedule.nanosOf(index);
    while (!stopped && index < schedule.total()) {
      long now = elapsedNanos();
      if (now >= settings.duration().toNanos()) {
        return ENDED;
      }
      if (now >= intended) {
        return intended;
      }
      LockSupport.parkNanos(Math.min(intended - now, PARK_NANOS_MAX));
    }
    return ENDED;
  }

  /** Returns the session to go on with; null if the connection must be opened again. */
  private Workload.@Nullable Session transact(
      long intended, Workload.@Nullable Session given, SessionSlot slot) {
    Workload.Session session = given;
    try {
      if (session == null) {
        session = slot.open();
      }
      ChangeCount done = session.transaction(settings.rowsPerTransaction());
      committed.accumulateAndGet(done, ChangeCount::plus);
      transactions.incrementAndGet();
      long micros = TimeUnit.NANOSECONDS.toMicros(elapsedNanos() - intended);
      latencyMicros.recordValue(Math.min(micros, LATENCY_MICROS_MAX));
      return session;
    } catch (SQLException e) {
      failures.incrementAndGet();
      lastFailure.set(e);
      if (slot.isUsable()) {
        return session;
      }
      LockSupport.parkNanos(RECONNECT_NANOS);
      return null;
    }
  }

  private long elapsedNanos() {
    return System.nanoTime() - startNanos;
  }

  /**
   * What was done so far.
   *
   * @throws IllegalStateException if a defect of the workload ended the load
   */
  public LoadProgress progress() {
    if (broken != null) {
      throw new IllegalStateException("The workload broke", broken);
    }
    long elapsed = Math.min(elapsedNanos(), settings.duration().toNanos());
    ConcurrentHistogram latency = latencyMicros.copy();
    return new LoadProgress(
        Duration.ofNanos(elapsed),
        schedule.dueBy(elapsed) * settings.rowsPerTransaction(),
        committed.get(),
        transactions.get(),
        failures.get(),
        new Latency(
            latency.getValueAtPercentile(50) / 1e3,
            latency.getValueAtPercentile(99) / 1e3,
            latency.getMaxValue() / 1e3));
  }

  /** Why the last failed transaction failed; null if none did. */
  public @Nullable SQLException lastFailure() {
    return lastFailure.get();
  }

  public boolean isRunning() {
    return workers.stream().anyMatch(Thread::isAlive);
  }

  /** Waits for the load's end and says what it came to. */
  public LoadProgress await() throws InterruptedException {
    for (Thread worker : workers) {
      worker.join();
    }
    return progress();
  }

  private void stop() {
    stopped = true;
    if (go.getCount() > 0) {
      workers.forEach(Thread::interrupt);
    }
    workers.forEach(LockSupport::unpark);
  }

  /** Begins no further transaction; returns when those in flight are done, or after a bound. */
  @Override
  public void close() {
    stop();
    try {
      for (Thread worker : workers) {
        worker.join(TimeUnit.SECONDS.toMillis(5));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A worker's connection, opened again after a failure broke it. */
  private final class SessionSlot implements AutoCloseable {
    private final int index;
    private @Nullable Connection connection;

    SessionSlot(int index) {
      this.index = index;
    }

    Workload.Session open() throws SQLException {
      close();
      Connection fresh = connections.connect();
      connection = fresh;
      return workload.open(fresh, index, settings.connections());
    }

    boolean isUsable() {
      try {
        return connection != null && connection.isValid(1);
      } catch (SQLException e) {
        return false;
      }
    }

    @Override
    public void close() {
      try {
        if (connection != null) {
          connection.close();
        }
      } catch (SQLException e) {
        // It was broken already; a new one follows.
      }
    }
  }
}
