package io.kappacdc.processor.verify;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A table of a store cannot be read; that table is not verified. */
final class StoreException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private StoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  static StoreException reading(String store, String table, Exception cause) {
    return new StoreException(
        table + " cannot be read from " + store + ": " + firstLine(cause), cause);
  }

  static StoreException of(String store, String table, String reason) {
    return new StoreException(table + " in " + store + ": " + reason, null);
  }

  static StoreException keylessChange(String store, String table) {
    return of(
        store,
        table,
        "it has updates or deletes of a table without a key (REPLICA IDENTITY FULL), which are not"
            + " folded; give the table a primary key");
  }

  static String firstLine(Throwable cause) {
    String message = cause.getMessage();
    return message == null
        ? cause.getClass().getSimpleName()
        : message.lines().findFirst().orElse("");
  }
}
