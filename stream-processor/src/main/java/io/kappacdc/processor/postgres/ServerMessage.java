package io.kappacdc.processor.postgres;

import io.kappacdc.event.Column;
import io.kappacdc.event.TableSchema;
import java.sql.SQLException;
import java.util.Objects;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What PostgreSQL says of an error, on one line. Errors about values must not be printed so. */
final class ServerMessage {
  private ServerMessage() {}

  /** Message and detail. */
  static String message(SQLException e) {
    String message =
        e instanceof PSQLException error && error.getServerErrorMessage() != null
            ? error.getServerErrorMessage().getMessage() + ". " + detail(e)
            : String.valueOf(e.getMessage());
    return message.replace('\n', ' ').strip();
  }

  /** The detail, which names the objects at fault; empty if there is none. */
  static String detail(SQLException e) {
    if (e instanceof PSQLException error) {
      ServerErrorMessage server = error.getServerErrorMessage();
      if (server != null) {
        return Objects.requireNonNullElse(server.getDetail(), "").replace('\n', ' ');
      }
    }
    return "";
  }

  /**
   * The column that a COPY failed at; empty if the server does not say. Only the name: behind it
   * the server prints the value.
   */
  static String column(SQLException e, TableSchema schema) {
    String where = where(e);
    for (Column column : schema.columns()) {
      if (where.contains(", column " + column.name() + ": ")) {
        return column.name();
      }
    }
    return "";
  }

  /** The line, from 1, that a COPY into {@code table} failed at; 0 if the server does not say. */
  static long copyLine(SQLException e, String table) {
    String where = where(e);
    String before = "COPY " + table + ", line ";
    int end = before.length();
    while (end < where.length() && Character.isDigit(where.charAt(end))) {
      end++;
    }
    return where.startsWith(before) && end > before.length()
        ? Long.parseLong(where, before.length(), end, 10)
        : 0;
  }

  private static String where(SQLException e) {
    return e instanceof PSQLException error && error.getServerErrorMessage() != null
        ? Objects.requireNonNullElse(error.getServerErrorMessage().getWhere(), "")
        : "";
  }
}
