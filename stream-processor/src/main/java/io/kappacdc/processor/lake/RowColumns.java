package io.kappacdc.processor.lake;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.lit;

import java.util.Arrays;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The columns of rows that are read as the table has them now, or as one file has them.
 *
 * @param columns the source's columns in the table
 * @param fields of the rows
 */
record RowColumns(LakeSchema columns, StructType fields, Naming naming) {
  /** What the rows' fields are called. */
  enum Naming {
    TABLE,
    FILE
  }

  private boolean has(String name) {
    return Arrays.asList(fields.fieldNames()).contains(name);
  }

  /** A column that is not the source's; null where the rows lack it. */
  Column own(String name, DataType type) {
    return has(name) ? col(name) : lit(null).cast(type);
  }

  /** PostgreSQL's text of one of the source's columns; null where the rows lack it. */
  Column text(String name) {
    return columns.column(name).map(this::text).orElse(lit(null).cast(DataTypes.StringType));
  }

  private Column text(LakeColumn column) {
    Column exact =
        own(
            MetadataColumns.EXACT,
            DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType, false));
    if (naming == Naming.TABLE) {
      return column.postgresText(col(column.quotedName()), exact);
    }
    if (!has(column.physicalName())) {
      return lit(null).cast(DataTypes.StringType);
    }
    DataType type = fields.apply(column.physicalName()).dataType();
    Column value = col(LakeColumn.quoted(column.physicalName()));
    return coalesce(
        LakeTypes.toPostgresText(value, type, column.postgresType()),
        element_at(exact, column.name()));
  }
}
