package io.kappacdc.load;

import io.kappacdc.load.LoadEngine.ConnectionSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A load in this process, without Gatling: announces the schedule's arrivals to a {@link
 * LoadEngine} a little before their time. Thread-safe.
 */
public final class OpenLoop implements AutoCloseable {
  private static final long AHEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final LoadEngine.Listener NOBODY = ended -> {};

  private final LoadEngine engine;
  private final Thread announcer = new Thread(this::announce, "load-arrivals");

  private OpenLoop(LoadEngine engine) {
    this.engine = engine;
    announcer.setDaemon(true);
  }

  /**
   * Starts the load once all sessions are open; returns then.
   *
   * @throws SQLException if a session cannot be opened
   */
  public static OpenLoop start(
      ConnectionSource connections, Workload workload, LoadSettings settings) throws SQLException {
    OpenLoop loop = new OpenLoop(LoadEngine.open(connections, workload, settings));
    loop.engine.begin(Duration.ZERO);
    loop.announcer.start();
    return loop;
  }

  private void announce() {
    while (engine.isRunning() && engine.arrived() < engine.schedule().total()) {
      long due = engine.schedule().dueBy(engine.elapsedNanos() + AHEAD_NANOS);
      while (engine.arrived() < due) {
        engine.arrive(NOBODY);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /**
   * What was done so far.
   *
   * @throws IllegalStateException if a defect of the workload ended the load
   */
  public LoadProgress progress() {
    return engine.progress();
  }

  /** Why the last failed transaction failed; null if none did. */
  public @Nullable SQLException lastFailure() {
    return engine.lastFailure();
  }

  public boolean isRunning() {
    return engine.isRunning();
  }

  /** Waits for the load's end and says what it came to. */
  public LoadProgress await() throws InterruptedException {
    return engine.await();
  }

  /** Begins no further transaction; returns when those in flight are done, or after a bound. */
  @Override
  public void close() {
    engine.close();
  }
}
