package io.kappacdc.processor.lake;

import java.util.Locale;
import java.util.Set;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The columns that trail and mirror have besides the source's. */
final class MetadataColumns {
  static final String OP = "_kappa_op";
  static final String LSN = "_kappa_lsn";
  static final String ORDINAL = "_kappa_ordinal";
  static final String TX_ID = "_kappa_tx_id";
  static final String TS = "_kappa_ts";
  static final String SINK_TS = "_kappa_sink_ts";
  static final String BEFORE = "_kappa_before";
  static final String UNCHANGED = "_kappa_unchanged";
  static final String EXACT = "_kappa_exact";

  static final Metadata NOTHING_NOTED = Metadata.empty();

  private static final StructField EXACT_FIELD =
      DataTypes.createStructField(
          EXACT, DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType, false), true);
  private static final StructField UNCHANGED_FIELD =
      DataTypes.createStructField(
          UNCHANGED, DataTypes.createArrayType(DataTypes.StringType, false), true);

  /** Before the row's columns in a trail. */
  static final StructType TRAIL =
      new StructType()
          .add(OP, DataTypes.StringType)
          .add(LSN, DataTypes.LongType)
          .add(ORDINAL, DataTypes.LongType)
          .add(TX_ID, DataTypes.LongType)
          .add(TS, DataTypes.TimestampType)
          .add(SINK_TS, DataTypes.TimestampType)
          .add(BEFORE, DataTypes.StringType)
          .add(UNCHANGED_FIELD)
          .add(EXACT_FIELD);

  /** After the row's columns in a mirror. */
  static final StructType MIRROR =
      new StructType()
          .add(LSN, DataTypes.LongType)
          .add(ORDINAL, DataTypes.LongType)
          .add(EXACT_FIELD);

  /** After the row's columns in the staged changes of a mirror. */
  static final StructType STAGED = MIRROR.add(OP, DataTypes.StringType).add(UNCHANGED_FIELD);

  static final StructType NONE = new StructType();

  private static final Set<String> NAMES =
      Set.of(OP, LSN, ORDINAL, TX_ID, TS, SINK_TS, BEFORE, UNCHANGED, EXACT);

  private MetadataColumns() {}

  static boolean isMetadata(String name) {
    return NAMES.contains(name.toLowerCase(Locale.ROOT));
  }

  static StructField withPhysicalName(StructField field) {
    Metadata metadata =
        new MetadataBuilder()
            .withMetadata(field.metadata())
            .putString("delta.columnMapping.physicalName", field.name())
            .build();
    return new StructField(field.name(), field.dataType(), field.nullable(), metadata);
  }
}
