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
    if (e instanceof PSQLException error && error.getServerErrorMessage() != null) {
      String where = Objects.requireNonNullElse(error.getServerErrorMessage().getWhere(), "");
      for (Column column : schema.columns()) {
        if (where.contains(", column " + column.name() + ": ")) {
          return column.name();
        }
      }
    }
    return "";
  }
}
