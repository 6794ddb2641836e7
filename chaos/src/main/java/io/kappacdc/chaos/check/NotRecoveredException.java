package io.kappacdc.chaos.check;

/** The pipeline did not come back after a fault. The message says what was waited for. */
public final class NotRecoveredException extends Exception {
  private static final long serialVersionUID = 1L;

  NotRecoveredException(String message, Throwable cause) {
    super(message, cause);
  }
}
