package io.kappacdc.event;

/**
 * PostgreSQL's log sequence number as an unsigned 64-bit {@code long}, and its text form {@code
 * 16/B374D848}.
 */
public final class Lsn {
  private Lsn() {}

  /**
   * Parses PostgreSQL's text form of {@code pg_lsn}.
   *
   * @throws IllegalArgumentException if the text is not two hexadecimal halves of at most 32 bits
   */
  public static long parse(String text) {
    int slash = text.indexOf('/');
    if (slash <= 0 || slash == text.length() - 1) {
      throw new IllegalArgumentException("Not a pg_lsn: '" + text + "'");
    }
    try {
      long high = Long.parseLong(text, 0, slash, 16);
      long low = Long.parseLong(text, slash + 1, text.length(), 16);
      if (high >>> 32 != 0 || low >>> 32 != 0) {
        throw new IllegalArgumentException("Not a pg_lsn: '" + text + "'");
      }
      return high << 32 | low;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("Not a pg_lsn: '" + text + "'", e);
    }
  }

  /** The text PostgreSQL prints for this {@code pg_lsn}. */
  public static String format(long lsn) {
    return Long.toHexString(lsn >>> 32).toUpperCase(java.util.Locale.ROOT)
        + '/'
        + Long.toHexString(lsn & 0xFFFF_FFFFL).toUpperCase(java.util.Locale.ROOT);
  }
}
