package io.kappacdc.processor.lake;

import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.raise_error;
import static org.apache.spark.sql.functions.shiftrightunsigned;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Column;

/**
 * A value that PostgreSQL left out of an update, and that no earlier change brought.
 *
 * @param column its column on the stream
 * @param table the source table
 * @param lsn of the update
 */
public record UnsentValue(String column, String table, String lsn) {
  private static final String FORMAT = "kappa: never sent: %s of %s at %X/%X.";
  private static final Pattern MESSAGE =
      Pattern.compile("kappa: never sent: (.*) of (.*) at ([0-9A-F]+/[0-9A-F]+)\\.");

  /**
   * An error as an expression.
   *
   * @param lsn of the update, a column of longs
   */
  static Column error(String column, String table, Column lsn) {
    return raise_error(
        format_string(
            FORMAT,
            lit(column),
            lit(table),
            shiftrightunsigned(lsn, Integer.SIZE),
            lsn.bitwiseAND(0xFFFF_FFFFL)));
  }

  /** The value that a query failed at; empty if it failed for another reason. */
  public static Optional<UnsentValue> of(Throwable error) {
    for (Throwable at = error; at != null; at = at.getCause()) {
      Matcher message = MESSAGE.matcher(String.valueOf(at.getMessage()));
      if (message.find()) {
        return Optional.of(new UnsentValue(message.group(1), message.group(2), message.group(3)));
      }
    }
    return Optional.empty();
  }
}
