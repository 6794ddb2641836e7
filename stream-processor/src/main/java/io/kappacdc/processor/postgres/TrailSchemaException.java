package io.kappacdc.processor.postgres;

/**
 * A trail cannot take a table's new shape; the message says why and what to do. Stops that table
 * alone.
 */
final class TrailSchemaException extends Exception {
  private static final long serialVersionUID = 1L;

  TrailSchemaException(String message) {
    super(message);
  }
}
