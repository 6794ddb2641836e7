package io.kappacdc.capture.transform;

import io.kappacdc.capture.source.SourceCatalog;
import io.kappacdc.capture.source.SourceRecords;
import io.kappacdc.capture.source.SourceTable;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Position;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.TopicNames;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Decodes Debezium's records of reads and changes into events. Not thread-safe. */
public final class ChangeDecoder {
  /** Debezium makes a new schema for each description of a table; old ones are forgotten. */
  private static final int SHAPES_MAX = 20_000;

  private final SourceCatalog catalog;
  private final RowTransforms transforms;
  private final TopicNames topics;
  private final Map<Schema, RowShape> shapes = new IdentityHashMap<>();

  public ChangeDecoder(SourceCatalog catalog, RowTransforms transforms, TopicNames topics) {
    this.catalog = catalog;
    this.transforms = transforms;
    this.topics = topics;
  }

  /**
   * The event at this position; null when a transform dropped it.
   *
   * @throws IllegalArgumentException if the record is no read and no change
   */
  public @Nullable ChangeEvent decode(SourceRecord record, Position position) {
    RowShape shape = shape(record);
    Origin origin =
        new Origin(
            position, SourceRecords.transactionId(record), SourceRecords.commitMicros(record));
    char operation = SourceRecords.operation(record);
    if (operation == 't') {
      return ChangeEvent.truncate(origin, shape.schema());
    }
    Struct oldStruct = SourceRecords.before(record);
    Struct newStruct = SourceRecords.after(record);
    RowShape.Shaped before = oldStruct == null ? null : shape.before(oldStruct);
    RowShape.Shaped after = newStruct == null ? null : shape.after(newStruct);
    if (after == null && operation != 'd' || before == null && operation == 'd') {
      return null;
    }
    return switch (operation) {
      case 'r' -> {
        TableSchema schema = Objects.requireNonNull(after).schema();
        // The snapshot's own transaction is no transaction of the source's.
        Origin reading = new Origin(position, 0, origin.commitMicros());
        yield ChangeEvent.read(reading, schema, after.row());
      }
      case 'c' -> ChangeEvent.create(origin, Objects.requireNonNull(after).schema(), after.row());
      case 'u' ->
          ChangeEvent.update(
              origin,
              Objects.requireNonNull(after).schema(),
              before == null ? null : before.row(),
              after.row());
      case 'd' -> ChangeEvent.delete(origin, Objects.requireNonNull(before).schema(), before.row());
      default -> throw new IllegalArgumentException("Unknown operation '" + operation + "'");
    };
  }

  private RowShape shape(SourceRecord record) {
    Schema rowSchema = SourceRecords.rowSchema(record);
    RowShape shape = shapes.get(rowSchema);
    if (shape == null) {
      boolean read = SourceRecords.operation(record) == 'r';
      SourceTable table =
          catalog.table(
              SourceRecords.schemaName(record),
              SourceRecords.tableName(record),
              read ? null : rowSchema);
      shape = new RowShape(table, rowSchema, transforms, topic(table));
      if (shapes.size() >= SHAPES_MAX) {
        shapes.clear();
      }
      shapes.put(rowSchema, shape);
    }
    return shape;
  }

  /** The schema that rows of a table have now, after all transforms. */
  public TableSchema schema(SourceTable table) {
    Schema row = RowShape.transformable(table);
    return new RowShape(table, row, transforms, topic(table)).schema();
  }

  private String topic(SourceTable table) {
    return topics.table(table.schema(), table.table());
  }
}
