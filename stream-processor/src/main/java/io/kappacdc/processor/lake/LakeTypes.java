package io.kappacdc.processor.lake;

import java.math.BigDecimal;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StringType;

/**
 * PostgreSQL's types in the lake: which Spark type holds a column, which type holds two of them,
 * and PostgreSQL's text of a typed value.
 */
public final class LakeTypes {
  private static final UserDefinedFunction FLOAT_TEXT =
      functions.udf((UDF1<Float, String>) FloatText::format, DataTypes.StringType);
  private static final UserDefinedFunction DOUBLE_TEXT =
      functions.udf((UDF1<Double, String>) FloatText::format, DataTypes.StringType);
  private static final UserDefinedFunction DECIMAL_TEXT =
      functions.udf(
          (UDF1<BigDecimal, String>) value -> value == null ? null : value.toPlainString(),
          DataTypes.StringType);
  private static final UserDefinedFunction TIMESTAMPTZ_TEXT =
      functions.udf(
          (UDF1<Long, String>) micros -> micros == null ? null : TimeText.timestamp(micros) + "+00",
          DataTypes.StringType);

  private LakeTypes() {}

  /**
   * The Spark type of a column; STRING, with PostgreSQL's own text, for what Spark has no type for.
   *
   * @param builtInType a built-in type as {@code format_type()} prints it
   */
  public static DataType sparkType(String builtInType) {
    int open = builtInType.indexOf('(');
    int close = builtInType.indexOf(')', open + 1);
    String modifier = open < 0 ? "" : builtInType.substring(open + 1, close);
    String name =
        open < 0 ? builtInType : builtInType.substring(0, open) + builtInType.substring(close + 1);
    return switch (name) {
      case "smallint" -> DataTypes.ShortType;
      case "integer" -> DataTypes.IntegerType;
      case "bigint" -> DataTypes.LongType;
      case "real" -> DataTypes.FloatType;
      case "double precision" -> DataTypes.DoubleType;
      case "boolean" -> DataTypes.BooleanType;
      case "date" -> DataTypes.DateType;
      case "timestamp without time zone", "timestamp" -> DataTypes.TimestampNTZType;
      case "timestamp with time zone", "timestamptz" -> DataTypes.TimestampType;
      case "bytea" -> DataTypes.BinaryType;
      case "numeric" -> numeric(modifier);
      default -> DataTypes.StringType;
    };
  }

  private static DataType numeric(String modifier) {
    if (modifier.isEmpty()) {
      return DataTypes.StringType;
    }
    int comma = modifier.indexOf(',');
    int precision = Integer.parseInt(comma < 0 ? modifier : modifier.substring(0, comma));
    int scale = comma < 0 ? 0 : Integer.parseInt(modifier.substring(comma + 1));
    return decimal(precision - scale, Math.max(scale, 0));
  }

  /** A decimal with room for so many digits before and after the point; STRING beyond 38. */
  private static DataType decimal(int integerDigits, int scale) {
    int precision = Math.max(Math.max(integerDigits, 0) + scale, 1);
    return precision > DecimalType.MAX_PRECISION()
        ? DataTypes.StringType
        : DataTypes.createDecimalType(precision, scale);
  }

  /** The type that holds every value of both types; empty when there is none. */
  static Optional<DataType> join(DataType table, DataType incoming) {
    if (table.equals(incoming) || table instanceof StringType) {
      return Optional.of(table);
    }
    int tableDigits = integerDigits(table);
    int incomingDigits = integerDigits(incoming);
    if (incoming instanceof StringType) {
      return table instanceof DecimalType ? Optional.of(incoming) : Optional.empty();
    }
    if (table instanceof DecimalType || incoming instanceof DecimalType) {
      return tableDigits == 0 || incomingDigits == 0
          ? Optional.empty()
          : Optional.of(
              decimal(
                  Math.max(digitsBefore(table), digitsBefore(incoming)),
                  Math.max(scale(table), scale(incoming))));
    }
    if (tableDigits > 0 && incomingDigits > 0) {
      return Optional.of(tableDigits >= incomingDigits ? table : incoming);
    }
    boolean floats = isFloat(table) && isFloat(incoming);
    return floats ? Optional.of(DataTypes.DoubleType) : Optional.empty();
  }

  private static boolean isFloat(DataType type) {
    return type.equals(DataTypes.FloatType) || type.equals(DataTypes.DoubleType);
  }

  private static int digitsBefore(DataType type) {
    return type instanceof DecimalType decimal
        ? decimal.precision() - decimal.scale()
        : integerDigits(type);
  }

  private static int scale(DataType type) {
    return type instanceof DecimalType decimal ? decimal.scale() : 0;
  }

  /** Decimal digits that an exact number type can need; 0 for every other type. */
  private static int integerDigits(DataType type) {
    if (type.equals(DataTypes.ShortType)) {
      return 5;
    } else if (type.equals(DataTypes.IntegerType)) {
      return 10;
    } else if (type.equals(DataTypes.LongType)) {
      return 19;
    }
    return type instanceof DecimalType decimal ? decimal.precision() : 0;
  }

  /** Whether some values of a column of this type can stand only in {@code _kappa_exact}. */
  static boolean mayNeedExactText(DataType type) {
    return type instanceof DecimalType
        || type.equals(DataTypes.DateType)
        || type.equals(DataTypes.TimestampNTZType)
        || type.equals(DataTypes.TimestampType);
  }

  /**
   * Which values of a type stand in {@code _kappa_exact}, for people; empty when its Spark type
   * holds every value.
   *
   * @param builtInType a built-in type as {@code format_type()} prints it
   */
  public static String exactTextFor(String builtInType) {
    DataType type = sparkType(builtInType);
    if (!mayNeedExactText(type)) {
      return "";
    }
    return type instanceof DecimalType ? "NaN" : "infinity, BC, years beyond 9999";
  }

  /**
   * PostgreSQL's text of a typed value, as {@code DateStyle=ISO, TimeZone=UTC, bytea_output=hex,
   * extra_float_digits=1} prints it; null for a null. Does not look at {@code _kappa_exact}: see
   * {@link LakeColumn#postgresText(Column, Column)}.
   *
   * @param value the column
   * @param lakeType its type in the lake; may be wider than the source's
   * @param builtInType the source's type
   */
  public static Column toPostgresText(Column value, DataType lakeType, String builtInType) {
    if (lakeType instanceof StringType) {
      return value;
    }
    DataType type = sparkType(builtInType);
    Column typed = type.equals(lakeType) || type instanceof StringType ? value : value.cast(type);
    return switch ((type instanceof StringType ? lakeType : type).typeName().split("\\(")[0]) {
      case "float" -> FLOAT_TEXT.apply(typed);
      case "double" -> DOUBLE_TEXT.apply(typed);
      case "decimal" -> DECIMAL_TEXT.apply(typed);
      case "timestamp" -> TIMESTAMPTZ_TEXT.apply(functions.unix_micros(typed));
      case "boolean" -> functions.when(typed.isNull(), null).when(typed, "t").otherwise("f");
      case "binary" ->
          functions.concat(functions.lit("\\x"), functions.lower(functions.hex(typed)));
      default -> typed.cast(DataTypes.StringType);
    };
  }
}
