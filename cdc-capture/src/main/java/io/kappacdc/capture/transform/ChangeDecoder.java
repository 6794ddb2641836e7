package io.kappacdc.capture.transform;

import io.kappacdc.capture.resume.TransientFailure;
import io.kappacdc.capture.source.SourceCatalog;
import io.kappacdc.capture.source.SourceRecords;
import io.kappacdc.capture.source.SourceTable;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Column;
import io.kappacdc.event.Position;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.TopicNames;
import io.kappacdc.runtime.columns.ColumnPolicies;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Decodes Debezium's records of reads and changes into events. Not thread-safe. */
public final class ChangeDecoder {
  /** Debezium makes a new schema for each description of a table; old ones are forgotten. */
  private static final int SHAPES_MAX = 20_000;

  private final SourceCatalog catalog;
  private final ColumnPolicies policies;
  private final RowTransforms transforms;
  private final TopicNames topics;
  private final Map<Schema, RowShape> shapes = new IdentityHashMap<>();

  /**
   * One object for each, since whatever looks a schema up is quick when it meets the same again.
   */
  private final Map<TableSchema, TableSchema> schemas = new HashMap<>();

  private long shapesMade;
  private @Nullable SourceTable lastTable;
  private @Nullable RowShape lastRead;

  /** The old row of an update that changes its key, between the delete and the create. */
  private RowShape.@Nullable Shaped departed;

  public ChangeDecoder(
      SourceCatalog catalog, ColumnPolicies policies, RowTransforms transforms, TopicNames topics) {
    this.catalog = catalog;
    this.policies = policies;
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
    RowShape.Shaped former = SourceRecords.comesFromAnotherKey(record) ? departed : null;
    departed = operation == 'd' && SourceRecords.leavesItsKey(record) ? before : null;
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
      case 'c' -> create(origin, Objects.requireNonNull(after), former);
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

  /**
   * @param former the row before an update that changed its key; null for an insert
   */
  private static ChangeEvent create(
      Origin origin, RowShape.Shaped after, RowShape.@Nullable Shaped former) {
    TableSchema schema = after.schema();
    return former == null || !former.schema().equals(schema) || !schema.hasKey()
        ? ChangeEvent.create(origin, schema, after.row())
        : ChangeEvent.rekey(origin, schema, keyOf(schema, former.row()), after.row());
  }

  private static Row keyOf(TableSchema schema, Row row) {
    @Nullable String[] key = new String[row.size()];
    Arrays.fill(key, Row.ABSENT);
    for (int index : schema.keyIndexes()) {
      key[index] = row.isAbsent(index) ? Row.ABSENT : row.get(index);
    }
    return Row.of(key);
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
      shape = newShape(read ? asRead(table, rowSchema) : table, rowSchema);
      if (shapes.size() >= SHAPES_MAX) {
        shapes.clear();
        schemas.clear();
      }
      shapes.put(rowSchema, shape);
      shapesMade++;
    }
    return shape;
  }

  /** The table without columns that it got after the snapshot's row was read. */
  private static SourceTable asRead(SourceTable table, Schema row) {
    List<Column> columns =
        table.columns().stream().filter(column -> row.field(column.name()) != null).toList();
    if (columns.size() == table.columns().size()) {
      return table;
    }
    if (!columns.stream().map(Column::name).toList().containsAll(table.key())) {
      throw new TransientFailure(
          "The key of " + table.schema() + '.' + table.table() + " was changed after it was read",
          null);
    }
    return new SourceTable(table.schema(), table.table(), columns, table.key(), table.identity());
  }

  /**
   * A row that was read from its table; null when a transform dropped it.
   *
   * @param values in the order of the table's columns
   */
  public @Nullable ChangeEvent read(SourceTable table, @Nullable String[] values, Origin origin) {
    RowShape shape = lastRead;
    if (shape == null || !table.equals(lastTable)) {
      shape = newShape(table, RowShape.transformable(table));
      lastRead = shape;
      lastTable = table;
    }
    RowShape.Shaped row = shape.of(values);
    return row == null ? null : ChangeEvent.read(origin, row.schema(), row.row());
  }

  /** Whether the key's values must not leave capture as they are. */
  public boolean hidesKey(SourceTable table) {
    return newShape(table, RowShape.transformable(table)).hidesKey();
  }

  /** Goes up when a table is met first, and whenever it is not what it was. */
  public long shapesMade() {
    return shapesMade;
  }

  /** The schema that rows of a table have now, after policies and transforms. */
  public TableSchema schema(SourceTable table) {
    return newShape(table, RowShape.transformable(table)).schema();
  }

  private RowShape newShape(SourceTable table, Schema rowSchema) {
    String topic = topics.table(table.schema(), table.table());
    return new RowShape(table, rowSchema, policies, transforms, topic, this::known);
  }

  private TableSchema known(TableSchema schema) {
    return schemas.computeIfAbsent(schema, Function.identity());
  }
}
