package io.kappacdc.event.wire;

/**
 * Bytes that are not a record of ours; the message says what was found and where, never a row's
 * values.
 */
public final class WireFormatException extends RuntimeException {
  public WireFormatException(String message) {
    super(message);
  }

  public WireFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
