package io.kappacdc.capture.source;

import io.debezium.connector.base.QueueProvider;
import io.debezium.pipeline.DataChangeEvent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * What lies between Debezium's reader and the engine: at most {@link #EVENTS_MAX} events or {@link
 * #BYTES_MAX}, then the reader waits. Debezium's own wait for events, {@code
 * ChangeEventQueue.poll}, spins for the last millisecond of each poll interval, which is a
 * twentieth of a core when nothing happens; this one sleeps. Public because Debezium creates it by
 * name.
 */
public final class EventQueue implements QueueProvider<DataChangeEvent> {
  /** What Debezium's {@code queue.provider.type} calls it. */
  static final String NAME = "kappa";

  static final int EVENTS_MAX = 4_096;
  static final long BYTES_MAX = 32 << 20;

  /**
   * From the handling of one batch to the next, so that small transactions share one of Kafka's.
   */
  private static final Duration GATHER = Duration.ofMillis(20);

  /** After the first event of a while, so that its transaction comes whole. */
  private static final Duration SETTLE = Duration.ofMillis(2);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition hasEvents = lock.newCondition();
  private final Condition hasRoom = lock.newCondition();
  private final ArrayDeque<DataChangeEvent> events = new ArrayDeque<>(EVENTS_MAX);
  private long bytes;
  private volatile int size;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void configure(Map<String, ?> settings) {}

  @Override
  public void enqueue(DataChangeEvent event) throws InterruptedException {
    long eventBytes = event.objectSize();
    lock.lockInterruptibly();
    try {
      while (isFull()) {
        hasRoom.await();
      }
      events.add(event);
      bytes += eventBytes;
      size = events.size();
      if (size == 1 || isFull()) {
        hasEvents.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isFull() {
    return events.size() >= EVENTS_MAX || bytes >= BYTES_MAX;
  }

  /**
   * Takes all events, once some are there and a moment was left to others that belong to them.
   *
   * @param patience how long to wait for the first one
   * @return them in their order; empty if none came
   */
  List<SourceRecord> take(Duration patience) throws InterruptedException {
    long begun = System.nanoTime();
    lock.lockInterruptibly();
    try {
      long wait = patience.toNanos();
      while (events.isEmpty()) {
        if (wait <= 0) {
          return List.of();
        }
        wait = hasEvents.awaitNanos(wait);
      }
      long gather = Math.max(begun + GATHER.toNanos() - System.nanoTime(), SETTLE.toNanos());
      while (gather > 0 && !isFull()) {
        gather = hasEvents.awaitNanos(gather);
      }
      List<SourceRecord> taken = events.stream().map(DataChangeEvent::getRecord).toList();
      events.clear();
      bytes = 0;
      size = 0;
      hasRoom.signal();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** The oldest event, at once; null if there is none. */
  @Override
  public @Nullable DataChangeEvent poll() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      DataChangeEvent first = events.poll();
      if (first != null) {
        bytes -= first.objectSize();
        size = events.size();
        hasRoom.signal();
      }
      return first;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int size() {
    return size;
  }
}
