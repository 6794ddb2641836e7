package io.kappacdc.chaos.agent;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Called by the instrumented methods at each of their points; does nothing unless there is an order
 * for that point. Thread-safe. Its state is static since it is called from code that knows no
 * object of ours.
 */
public final class FailPoints {
  private static final int KILLED = 137; // as the shell says of SIGKILL
  private static final long POLL_MILLIS = 20;

  private static Path directory = Path.of(".");
  private static String role = "";
  private static volatile @Nullable Armed armed;
  private static volatile boolean isDiskFull;

  private FailPoints() {}

  /** An order, and how often its point is still to be passed. */
  private record Armed(Order order, AtomicInteger left) {}

  /** Looks for orders from now on. */
  static void watch(Path ordersOf, String ofRole) {
    directory = ordersOf;
    role = ofRole;
    Thread watcher =
        new Thread(
            () -> {
              while (true) {
                look();
                try {
                  Thread.sleep(POLL_MILLIS);
                } catch (InterruptedException e) {
                  return;
                }
              }
            },
            "chaos-orders");
    watcher.setDaemon(true);
    look();
    watcher.start();
  }

  private static void look() {
    isDiskFull = Files.exists(Order.fullDiskFile(directory, role));
    Path file = Order.file(directory, role);
    if (!Files.exists(file)) {
      armed = null;
      return;
    }
    try {
      Order order = Order.read(file);
      Armed now = armed;
      if ((now == null || now.order().id() != order.id())
          && order.id() > Order.lastDone(directory, role)) {
        armed = new Armed(order, new AtomicInteger(order.hit()));
      }
    } catch (IOException | RuntimeException e) {
      armed = null; // taken back just now
    }
  }

  /**
   * A point is passed.
   *
   * @param point its name
   * @param error class of the exception that the call fails with, if it is to fail
   */
  public static void hit(String point, String error) {
    Armed now = armed;
    if (now == null || !now.order().point().equals(point)) {
      return;
    }
    if (now.left().decrementAndGet() == 0) {
      armed = null;
      carryOut(now.order(), error);
    }
  }

  private static void carryOut(Order order, String error) {
    try {
      Files.writeString(Order.doneFile(directory, role), Long.toString(order.id()));
    } catch (IOException e) {
      return; // the harness takes it for not done, and it is not
    }
    switch (order.action()) {
      case KILL -> Runtime.getRuntime().halt(KILLED);
      case PAUSE -> pause(order.millis());
      case THROW -> throwAs(error, "chaos: " + order.point());
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void throwAs(String error, String message) {
    throw FailPoints.<RuntimeException>unchecked(newException(error, message));
  }

  private static Exception newException(String error, String message) {
    if (error.equals("java.sql.SQLException")) {
      return new java.sql.SQLException(message, "08006");
    }
    try {
      ClassLoader loader = Thread.currentThread().getContextClassLoader();
      return (Exception)
          Class.forName(error, true, loader).getConstructor(String.class).newInstance(message);
    } catch (ClassNotFoundException
        | NoSuchMethodException
        | InstantiationException
        | IllegalAccessException
        | InvocationTargetException e) {
      throw new IllegalStateException(error, e);
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Exception> E unchecked(Exception exception) throws E {
    throw (E) exception;
  }

  /** Whether nothing more fits on the disk. */
  public static boolean isDiskFull() {
    return isDiskFull;
  }

  /** What a write to a full disk fails with. */
  public static void failOnFullDisk() {
    throwAs("java.io.IOException", "No space left on device");
  }
}
