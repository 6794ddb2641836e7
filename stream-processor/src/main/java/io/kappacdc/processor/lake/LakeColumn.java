package io.kappacdc.processor.lake;

import java.io.Serializable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;

/**
 * A source column in the lake.
 *
 * @param name its name in the lake; differs from the source's only where two names differ in case
 *     alone or clash with a metadata column, or where somebody renamed it
 * @param column the column's name on the stream
 * @param postgresType the built-in PostgreSQL type it was last seen with
 * @param type the Spark type, wide enough for every type it has had
 * @param physicalName its name inside Parquet files (Delta column mapping)
 */
public record LakeColumn(
    String name, String column, String postgresType, DataType type, String physicalName)
    implements Serializable {
  private static final String COLUMN = "kappa.column";
  private static final String TYPE = "kappa.type";
  private static final String PHYSICAL_NAME = "delta.columnMapping.physicalName";

  /** The column as a field of the table, with what Delta already noted about it. */
  StructField toField(Metadata noted) {
    Metadata metadata =
        new MetadataBuilder()
            .withMetadata(noted)
            .putString(COLUMN, column)
            .putString(TYPE, postgresType)
            .putString(PHYSICAL_NAME, physicalName)
            .build();
    return new StructField(name, type, true, metadata);
  }

  StructField toPhysicalField() {
    return DataTypes.createStructField(physicalName, type, true);
  }

  /** The column that a table's field holds. */
  static LakeColumn of(StructField field) {
    Metadata metadata = field.metadata();
    String name = field.name();
    return new LakeColumn(
        name,
        metadata.contains(COLUMN) ? metadata.getString(COLUMN) : name,
        metadata.contains(TYPE) ? metadata.getString(TYPE) : "text",
        field.dataType(),
        metadata.contains(PHYSICAL_NAME) ? metadata.getString(PHYSICAL_NAME) : name);
  }

  LakeColumn with(String newPostgresType, DataType newType) {
    return new LakeColumn(name, column, newPostgresType, newType, physicalName);
  }

  /**
   * The column once another one holds the source's column: as if its own name were on the stream.
   */
  LakeColumn givenUp() {
    return new LakeColumn(name, name, postgresType, type, physicalName);
  }

  /** The name quoted for Spark SQL. */
  public String quotedName() {
    return quoted(name);
  }

  /** A name in Spark SQL, quoted if it has to be. */
  static String inSql(String name) {
    return name.matches("[A-Za-z_][A-Za-z0-9_]*") ? name : quoted(name);
  }

  static String quoted(String name) {
    return '`' + name.replace("`", "``") + '`';
  }

  /**
   * The value as PostgreSQL prints it, whether the typed column holds it or {@code _kappa_exact}.
   *
   * @param value this column of a trail or mirror
   * @param exact the row's {@code _kappa_exact}
   */
  public Column postgresText(Column value, Column exact) {
    Column text = LakeTypes.toPostgresText(value, type, postgresType);
    return LakeTypes.mayNeedExactText(type)
        ? functions.coalesce(text, functions.element_at(exact, name))
        : text;
  }
}
