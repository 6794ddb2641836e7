package io.kappacdc.event;

/** What happened to a row, with Debezium's one-letter codes. */
public enum Operation {
  /** A row that a snapshot found. */
  READ('r'),
  CREATE('c'),
  UPDATE('u'),
  DELETE('d'),
  /** Every row of the table with an earlier position is gone. */
  TRUNCATE('t');

  private final char code;

  Operation(char code) {
    this.code = code;
  }

  public char code() {
    return code;
  }

  /**
   * The operation with this code.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Operation of(char code) {
    return switch (code) {
      case 'r' -> READ;
      case 'c' -> CREATE;
      case 'u' -> UPDATE;
      case 'd' -> DELETE;
      case 't' -> TRUNCATE;
      default -> throw new IllegalArgumentException("Unknown operation code '" + code + "'");
    };
  }
}
