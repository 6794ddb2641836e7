package io.kappacdc.event;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One committed change of one row (or the truncation of a table), made only through the factories,
 * so that images that cannot occur together cannot be built.
 */
public final class ChangeEvent {
  private final Operation operation;
  private final Position position;
  private final long transactionId;
  private final long commitMicros;
  private final TableSchema schema;
  private final @Nullable Row before;
  private final @Nullable Row after;

  private ChangeEvent(
      Operation operation,
      Origin origin,
      TableSchema schema,
      @Nullable Row before,
      @Nullable Row after) {
    this.operation = operation;
    this.position = origin.position();
    this.transactionId = origin.transactionId();
    this.commitMicros = origin.commitMicros();
    this.schema = Objects.requireNonNull(schema, "schema");
    this.before = sized(before, schema);
    this.after = sized(after, schema);
  }

  private static @Nullable Row sized(@Nullable Row row, TableSchema schema) {
    if (row != null && row.size() != schema.columns().size()) {
      throw new IllegalArgumentException(
          "Row has " + row.size() + " values, its schema " + schema.columns().size() + " columns");
    }
    return row;
  }

  /**
   * Where a change comes from.
   *
   * @param position its place in the source
   * @param transactionId PostgreSQL's transaction id; 0 for a snapshot
   * @param commitMicros the transaction's commit time at the source, microseconds since
   *     1970-01-01T00:00:00Z; for a snapshot the time of reading
   */
  public record Origin(Position position, long transactionId, long commitMicros) {
    public Origin {
      Objects.requireNonNull(position, "position");
    }
  }

  /** A row that a snapshot found. */
  public static ChangeEvent read(Origin origin, TableSchema schema, Row after) {
    return new ChangeEvent(Operation.READ, origin, schema, null, Objects.requireNonNull(after));
  }

  public static ChangeEvent create(Origin origin, TableSchema schema, Row after) {
    return new ChangeEvent(Operation.CREATE, origin, schema, null, Objects.requireNonNull(after));
  }

  /**
   * The second half of an update that changed the row's key, right behind the delete of the old
   * one: a create, which may lack values that did not change.
   *
   * @param oldKey the key that the row had; nothing else of it
   */
  public static ChangeEvent rekey(Origin origin, TableSchema schema, Row oldKey, Row after) {
    return new ChangeEvent(
        Operation.CREATE,
        origin,
        schema,
        Objects.requireNonNull(oldKey),
        Objects.requireNonNull(after));
  }

  /**
   * An update; {@code before} is null when PostgreSQL sent no old row (key unchanged, identity not
   * FULL).
   */
  public static ChangeEvent update(
      Origin origin, TableSchema schema, @Nullable Row before, Row after) {
    return new ChangeEvent(Operation.UPDATE, origin, schema, before, Objects.requireNonNull(after));
  }

  public static ChangeEvent delete(Origin origin, TableSchema schema, Row before) {
    return new ChangeEvent(Operation.DELETE, origin, schema, Objects.requireNonNull(before), null);
  }

  public static ChangeEvent truncate(Origin origin, TableSchema schema) {
    return new ChangeEvent(Operation.TRUNCATE, origin, schema, null, null);
  }

  public Operation operation() {
    return operation;
  }

  public Position position() {
    return position;
  }

  /** PostgreSQL's transaction id; 0 for a snapshot. */
  public long transactionId() {
    return transactionId;
  }

  /** Commit time at the source in microseconds since 1970-01-01T00:00:00Z. */
  public long commitMicros() {
    return commitMicros;
  }

  public TableSchema schema() {
    return schema;
  }

  public @Nullable Row before() {
    return before;
  }

  public @Nullable Row after() {
    return after;
  }

  /** The image that names the row: after, or before for a delete; null for a truncate. */
  public @Nullable Row image() {
    return after != null ? after : before;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChangeEvent that
        && operation == that.operation
        && position.equals(that.position)
        && transactionId == that.transactionId
        && commitMicros == that.commitMicros
        && schema.equals(that.schema)
        && Objects.equals(before, that.before)
        && Objects.equals(after, that.after);
  }

  @Override
  public int hashCode() {
    return position.hashCode();
  }

  /** Place and kind only: values never reach a log. */
  @Override
  public String toString() {
    return operation + " of " + schema.qualifiedName() + " at " + position;
  }
}
