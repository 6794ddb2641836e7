package io.kappacdc.cli.supervise;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM as a request to the main thread: the JVM stays until that thread has said that
 * it is done, or a bound has passed. Thread-safe.
 */
public final class StopSignal {
  private static final Duration STOP_MAX = Duration.ofMinutes(2);

  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook = new Thread(this::await, "stop-signal");
  private volatile int exitCode;

  private StopSignal() {}

  public static StopSignal install() {
    StopSignal signal = new StopSignal();
    Runtime.getRuntime().addShutdownHook(signal.hook);
    return signal;
  }

  private void await() {
    requested.countDown();
    try {
      if (done.await(STOP_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        // Without this, the JVM's exit code would be that of a failure by a signal.
        Runtime.getRuntime().halt(exitCode);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits; true once the stop was asked for. */
  public boolean isRequestedWithin(Duration time) throws InterruptedException {
    return requested.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  public boolean isRequested() {
    return requested.getCount() == 0;
  }

  /**
   * Everything is stopped; the process may end. With {@code code} if a signal asked for it,
   * otherwise with whatever the caller ends it with.
   */
  public void done(int code) {
    exitCode = code;
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending already: the hook waits for what follows.
    }
    done.countDown();
  }
}
