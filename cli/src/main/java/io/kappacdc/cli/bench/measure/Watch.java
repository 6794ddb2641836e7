package io.kappacdc.cli.bench.measure;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Looks at something again and again on a thread of its own. A look that fails is counted and tried
 * again; what is watched may be away for a while.
 */
public final class Watch implements AutoCloseable {
  private static final Duration JOIN_MAX = Duration.ofSeconds(10);

  private final Look look;
  private final Duration pause;
  private final Thread thread;
  private final AtomicLong failures = new AtomicLong();
  private volatile @Nullable Exception lastFailure;
  private volatile boolean closed;

  /** Something that can be looked at. */
  @FunctionalInterface
  public interface Look {
    void look() throws Exception;
  }

  private Watch(String name, Duration pause, Look look) {
    this.look = look;
    this.pause = pause;
    this.thread = new Thread(this::run, "watch-" + name);
    thread.setDaemon(true);
  }

  /**
   * Starts to look.
   *
   * @param pause from the end of a look to the begin of the next
   */
  public static Watch start(String name, Duration pause, Look look) {
    Watch watch = new Watch(name, pause, look);
    watch.thread.start();
    return watch;
  }

  private void run() {
    while (!closed) {
      try {
        look.look();
        TimeUnit.NANOSECONDS.sleep(pause.toNanos());
      } catch (InterruptedException e) {
        return;
      } catch (Exception e) {
        if (closed) {
          return;
        }
        failures.incrementAndGet();
        lastFailure = e;
        try {
          TimeUnit.NANOSECONDS.sleep(pause.toNanos());
        } catch (InterruptedException interrupted) {
          return;
        }
      }
    }
  }

  /** Looks that failed. */
  public long failures() {
    return failures.get();
  }

  /** Why the last of those failed; null if none did. */
  public @Nullable Exception lastFailure() {
    return lastFailure;
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(JOIN_MAX.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Now, in microseconds since 1970. */
  static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }
}
