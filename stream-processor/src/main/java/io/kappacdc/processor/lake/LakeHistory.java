package io.kappacdc.processor.lake;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.flatten;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map_concat;
import static org.apache.spark.sql.functions.map_from_entries;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import io.kappacdc.event.TableSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/**
 * The changes of a trail with the values that PostgreSQL left out of them, which are those that the
 * row's earlier changes brought. To select a value that none has brought is an error.
 */
final class LakeHistory {
  private final Dataset<Row> trail;
  private final TableSchema schema;
  private final LakeSchema columns;
  private final Set<String> unsent;

  /**
   * @param trail rows of a trail, from its first change on
   * @param schema the table's newest schema
   * @param columns the source's columns in the trail
   */
  LakeHistory(Dataset<Row> trail, TableSchema schema, LakeSchema columns) {
    this.trail = trail;
    this.schema = schema;
    this.columns = columns;
    this.unsent =
        new HashSet<>(
            trail.agg(flatten(collect_set(col(MetadataColumns.UNCHANGED)))).head().getList(0));
  }

  /** The changes with the trail's columns. */
  Dataset<Row> changes() {
    if (unsent.isEmpty()) {
      return trail;
    }
    Dataset<Row> changes = numbered();
    Dataset<Row> rows = schema.hasKey() ? RowLives.trace(changes) : changes;
    StructField[] fields = trail.schema().fields();
    Column[] complete = new Column[fields.length];
    for (int i = 0; i < fields.length; i++) {
      complete[i] = complete(fields[i].name(), i).as(fields[i].name());
    }
    return rows.select(complete);
  }

  /** The trail for {@link RowLives}; its own columns are numbered, for names may be the same. */
  private Dataset<Row> numbered() {
    StructField[] fields = trail.schema().fields();
    List<Column> selected = new ArrayList<>();
    for (int i = 0; i < fields.length; i++) {
      selected.add(col(LakeColumn.quoted(fields[i].name())).as(number(i)));
    }
    selected.add(id());
    selected.add(col(MetadataColumns.OP).as("op"));
    selected.add(col(MetadataColumns.LSN).as("lsn"));
    selected.add(col(MetadataColumns.ORDINAL).as("ordinal"));
    selected.add(col(MetadataColumns.UNCHANGED).as("unchanged"));
    selected.add(col(MetadataColumns.EXACT).as("exact"));
    return trail.select(selected.toArray(Column[]::new));
  }

  /** The key; a change that lacks some of it, being older than a column, is alone with its own. */
  private Column id() {
    Column place = concat_ws(".", col(MetadataColumns.LSN), col(MetadataColumns.ORDINAL));
    List<Column> parts = new ArrayList<>();
    Column isWhole = lit(true);
    for (String name : schema.key()) {
      Column text = text(name);
      parts.add(text);
      isWhole = isWhole.and(text.isNotNull());
    }
    parts.add(when(isWhole, lit(null)).otherwise(place));
    return array(parts.toArray(Column[]::new)).as("id");
  }

  private static String number(int index) {
    return "c" + index;
  }

  private Column text(String name) {
    return columns
        .column(name)
        .map(column -> column.postgresText(col(column.quotedName()), col(MetadataColumns.EXACT)))
        .orElse(lit(null).cast(DataTypes.StringType));
  }

  private Column complete(String name, int index) {
    if (name.equals(MetadataColumns.EXACT)) {
      return exact();
    }
    Column value = col(number(index));
    return columns.columns().stream()
        .filter(column -> column.name().equals(name) && unsent.contains(column.column()))
        .findFirst()
        .map(column -> when(isUnsent(column), sent(column, value)).otherwise(value))
        .orElse(value);
  }

  private static Column isUnsent(LakeColumn column) {
    return RowLives.isUnsent(column.column());
  }

  private Column sent(LakeColumn column, Column value) {
    Column never = UnsentValue.error(column.column(), schema.qualifiedName(), col("lsn"));
    if (!schema.hasKey()) {
      return never;
    }
    Column sent = RowLives.lastSent(value, column.column());
    return when(sent.isNull(), never).otherwise(sent.getField("value"));
  }

  /** The exact texts, with those of values that were left out. */
  private Column exact() {
    List<Column> left = new ArrayList<>();
    for (LakeColumn column : columns.columns()) {
      if (schema.hasKey()
          && unsent.contains(column.column())
          && LakeTypes.mayNeedExactText(column.type())) {
        Column text =
            RowLives.lastSent(element_at(col("exact"), column.name()), column.column())
                .getField("value");
        left.add(struct(lit(column.name()).as("key"), when(isUnsent(column), text).as("value")));
      }
    }
    if (left.isEmpty()) {
      return col("exact");
    }
    Column texts =
        filter(array(left.toArray(Column[]::new)), entry -> entry.getField("value").isNotNull());
    Column own = coalesce(col("exact"), expr("CAST(map() AS map<string, string>)"));
    return when(size(texts).gt(0), map_concat(own, map_from_entries(texts)))
        .otherwise(col("exact"));
  }
}
