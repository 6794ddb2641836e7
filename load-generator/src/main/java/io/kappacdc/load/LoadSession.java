package io.kappacdc.load;

import io.kappacdc.load.LoadEngine.Listener;
import io.kappacdc.load.LoadEngine.Outcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One session at the source and the arrivals that wait for it. A failure that breaks its connection
 * gets it a new one. Its own thread works; any thread may offer.
 */
final class LoadSession implements AutoCloseable {
  private static final long PARK_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long RECONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final LoadEngine engine;
  private final int index;
  private final BlockingQueue<Arrival> waiting;
  private final long arrivals;
  private boolean isTaking = true;
  private @Nullable Connection connection;
  private Workload.@Nullable Session session;

  private record Arrival(long number, Listener listener) {}

  /**
   * @param waitingMax arrivals that wait at most
   */
  LoadSession(LoadEngine engine, int index, int waitingMax) {
    this.engine = engine;
    this.index = index;
    this.waiting = new LinkedBlockingQueue<>(waitingMax);
    long sessions = engine.settings().connections();
    this.arrivals = Math.max(0, (engine.schedule().total() - index + sessions - 1) / sessions);
  }

  /** Takes an arrival; false if too many wait, or this session does nothing any more. */
  synchronized boolean offer(long number, Listener listener) {
    return isTaking && waiting.offer(new Arrival(number, listener));
  }

  /** Takes no arrival from now on, and ends those that wait: nobody may wait for them for good. */
  void abandon() {
    synchronized (this) {
      isTaking = false;
    }
    for (Arrival late = waiting.poll(); late != null; late = waiting.poll()) {
      end(late, Outcome.NOT_BEGUN, null);
    }
  }

  void open() throws SQLException {
    close();
    Connection fresh = engine.connections().connect();
    connection = fresh;
    session = engine.workload().open(fresh, index, engine.settings().connections());
  }

  /**
   * Returns once this session's last arrival has been dealt with, or the load is over; what waits
   * then is left to {@link #abandon}.
   */
  void work() throws InterruptedException {
    long done = 0;
    while (done < arrivals && !isOver()) {
      Arrival next = waiting.poll(PARK_NANOS_MAX, TimeUnit.NANOSECONDS);
      if (next != null) {
        attend(next);
        done++;
      }
    }
  }

  private boolean isOver() {
    return engine.isStopped() || engine.elapsedNanos() >= engine.settings().duration().toNanos();
  }

  private void attend(Arrival arrival) {
    long intended = engine.schedule().nanosOf(arrival.number());
    for (long early = intended - engine.elapsedNanos();
        early > 0 && !isOver();
        early = intended - engine.elapsedNanos()) {
      LockSupport.parkNanos(Math.min(early, PARK_NANOS_MAX));
    }
    if (isOver()) {
      end(arrival, Outcome.NOT_BEGUN, null);
      return;
    }
    try {
      if (session == null) {
        open();
      }
      ChangeCount done = session.transaction(arrival.number());
      engine.account().committed(done, intended, engine.elapsedNanos());
      end(arrival, Outcome.COMMITTED, null);
    } catch (SQLException e) {
      engine.account().failed(intended);
      engine.failed(e);
      // The message may hold a row's values; the state does not.
      end(arrival, Outcome.FAILED, "SQL state " + e.getSQLState());
      if (!isUsable()) {
        session = null;
        LockSupport.parkNanos(RECONNECT_NANOS);
      }
    } catch (RuntimeException e) {
      engine.account().failed(intended);
      end(arrival, Outcome.FAILED, "a defect of the workload");
      throw e;
    }
  }

  private void end(Arrival arrival, Outcome outcome, @Nullable String problem) {
    long intended = engine.schedule().nanosOf(arrival.number());
    arrival.listener().ended(engine.ended(arrival.number(), outcome, intended, problem));
  }

  private boolean isUsable() {
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
