package io.kappacdc.chaos.agent;

/** For a transaction's last records left to the commit to send. Thread-safe. */
public final class UnflushedCommit {
  private static final long LINGER_MILLIS = 15;

  private static volatile boolean isOffsetLast;

  private UnflushedCommit() {}

  /** A record is being sent. */
  public static void sent(Object record) {
    isOffsetLast = OffsetApart.isOffset(record);
  }

  /** Whether the record sent last was the offset, which ends a transaction. */
  public static boolean isOffsetLast() {
    return isOffsetLast;
  }

  /** Kafka's client has looked for unsent records. */
  public static void linger(boolean found) {
    if (!found) {
      try {
        Thread.sleep(LINGER_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
