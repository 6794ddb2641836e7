package io.kappacdc.capture.transform;

import io.kappacdc.capture.source.SourceTable;
import io.kappacdc.event.Column;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.runtime.columns.ColumnPolicies;
import io.kappacdc.runtime.columns.ColumnRule;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * How rows with one of Debezium's schemas become rows of ours. Not thread-safe.
 *
 * <p>Column policies come first: nothing behind them has seen a value that they keep back.
 *
 * <p>With transforms a row makes a detour: it becomes a Connect struct whose fields carry our types
 * as parameters, passes the transforms, and {@link TransformedShape} reads what they left.
 */
final class RowShape {
  private final SourceTable table;
  private final Field[] fields;
  private final int[] places;
  private final ColumnRule.@Nullable Change @Nullable [] rules;
  private final TableSchema untransformed;
  private final RowTransforms transforms;
  private final String topic;
  private final @Nullable Schema transformable;
  private @Nullable TransformedShape transformed;

  /**
   * @param known the object that stands for all schemas equal to this one
   * @throws io.kappacdc.runtime.KappaException if a policy takes the table's key
   */
  RowShape(
      SourceTable source,
      Schema rowSchema,
      ColumnPolicies policies,
      RowTransforms transforms,
      String topic,
      UnaryOperator<TableSchema> known) {
    PolicedTable policed = PolicedTable.of(source, policies);
    this.table = policed.table();
    this.rules =
        policed.rules().isEmpty() ? null : policed.rules().toArray(new ColumnRule.Change[0]);
    this.transforms = transforms;
    this.topic = topic;
    List<Column> columns = table.columns();
    this.fields = new Field[columns.size()];
    this.places = new int[columns.size()];
    List<String> names = source.columns().stream().map(Column::name).toList();
    for (int i = 0; i < fields.length; i++) {
      places[i] = names.indexOf(columns.get(i).name());
      fields[i] = rowSchema.field(columns.get(i).name());
    }
    this.untransformed =
        known.apply(
            new TableSchema(table.schema(), table.table(), columns, table.key(), table.identity()));
    this.transformable = transforms.isEmpty() ? null : transformable(table);
  }

  static Schema transformable(SourceTable table) {
    SchemaBuilder builder =
        SchemaBuilder.struct().name(table.schema() + '.' + table.table() + ".Value");
    for (Column column : table.columns()) {
      builder.field(column.name(), TransformedShape.fieldSchema(column));
    }
    return builder.build();
  }

  /** A row and the schema it has after all transforms. */
  record Shaped(TableSchema schema, Row row) {}

  /** The new row; null when a transform dropped it. */
  @Nullable Shaped after(Struct struct) {
    return shaped(values(struct));
  }

  /**
   * A row that was read from its table; null when a transform dropped it.
   *
   * @param read in the order of the source table's columns
   */
  @Nullable Shaped of(@Nullable String[] read) {
    @Nullable String[] values = new String[places.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = read[places[i]];
    }
    if (rules != null) {
      police(values, rules);
    }
    return shaped(values);
  }

  /** Whether a policy changes a column of the key. */
  boolean hidesKey() {
    for (int i = 0; rules != null && i < rules.length; i++) {
      if (rules[i] != null && table.key().contains(table.columns().get(i).name())) {
        return true;
      }
    }
    return false;
  }

  /** The old row, absent in what was not sent; null when a transform dropped it. */
  @Nullable Shaped before(Struct struct) {
    return shaped(values(struct));
  }

  /** The schema rows have after all transforms. */
  TableSchema schema() {
    if (transformable == null) {
      return untransformed;
    }
    Shaped empty = shaped(new String[fields.length]);
    return empty == null ? untransformed : empty.schema();
  }

  private @Nullable String[] values(Struct struct) {
    @Nullable String[] values = new String[fields.length];
    for (int i = 0; i < fields.length; i++) {
      values[i] = (String) struct.get(fields[i]);
    }
    if (rules != null) {
      police(values, rules);
    }
    return values;
  }

  /** What is NULL stays NULL, and what PostgreSQL did not send stays unsent. */
  @SuppressWarnings("ReferenceEquality")
  private static void police(@Nullable String[] values, ColumnRule.@Nullable Change[] rules) {
    for (int i = 0; i < values.length; i++) {
      ColumnRule.Change rule = rules[i];
      String value = values[i];
      if (rule != null && value != null && value != Row.ABSENT) {
        values[i] = rule.apply(value);
      }
    }
  }

  private @Nullable Shaped shaped(@Nullable String[] values) {
    Schema schema = transformable;
    if (schema == null) {
      return new Shaped(untransformed, Row.of(values));
    }
    Struct struct = new Struct(schema);
    List<Field> all = schema.fields();
    for (int i = 0; i < values.length; i++) {
      struct.put(all.get(i), values[i]);
    }
    Struct result = transforms.apply(topic, struct);
    if (result == null) {
      return null;
    }
    TransformedShape shape = transformed;
    if (shape == null || !shape.fits(result.schema())) {
      shape = new TransformedShape(table, result.schema());
      transformed = shape;
    }
    return new Shaped(shape.schema(), shape.row(result));
  }
}
