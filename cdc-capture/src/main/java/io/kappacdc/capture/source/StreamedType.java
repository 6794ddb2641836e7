package io.kappacdc.capture.source;

import io.debezium.spi.converter.RelationalColumn;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * What the stream itself says of a column's type, as it was when the change was made; the catalog
 * tells only how it is now.
 *
 * @param typeName {@code pg_type.typname}
 * @param rootOid the type's oid, a domain's base type's oid
 * @param length as the driver derives it from the type modifier
 * @param scale as the driver derives it from the type modifier
 */
record StreamedType(String typeName, int rootOid, int length, int scale) {
  private static final String TYPE = "kappa.stream.type";
  private static final String ROOT = "kappa.stream.root";
  private static final String LENGTH = "kappa.stream.length";
  private static final String SCALE = "kappa.stream.scale";
  private static final int UNCONSTRAINED = -1;
  private static final int HEADER_BYTES = 4;

  static StreamedType of(RelationalColumn column) {
    return new StreamedType(
        column.typeName(),
        column.nativeType(),
        column.length().orElse(UNCONSTRAINED),
        column.scale().orElse(0));
  }

  void writeTo(SchemaBuilder schema) {
    schema
        .parameter(TYPE, typeName)
        .parameter(ROOT, Integer.toString(rootOid))
        .parameter(LENGTH, Integer.toString(length))
        .parameter(SCALE, Integer.toString(scale));
  }

  static @Nullable StreamedType readFrom(Schema schema) {
    Map<String, String> parameters = schema.parameters();
    if (parameters == null || !parameters.containsKey(TYPE)) {
      return null;
    }
    return new StreamedType(
        Objects.requireNonNull(parameters.get(TYPE)),
        Integer.parseInt(parameters.get(ROOT)),
        Integer.parseInt(parameters.get(LENGTH)),
        Integer.parseInt(parameters.get(SCALE)));
  }

  /**
   * The type modifier, for the built-in types whose modifier can be told from length and scale;
   * {@code otherwise} for the rest.
   */
  int modifierOr(int otherwise) {
    String element = typeName.startsWith("_") ? typeName.substring(1) : typeName;
    return switch (element) {
      case "numeric" ->
          length >= 1 && length <= 1000
              ? (length << 16 | scale & 0x7FF) + HEADER_BYTES
              : UNCONSTRAINED;
      case "varchar", "bpchar" ->
          length >= 1 && length <= 10_485_760 ? length + HEADER_BYTES : UNCONSTRAINED;
      case "bit", "varbit" -> length >= 1 && length < Integer.MAX_VALUE ? length : UNCONSTRAINED;
      case "timestamp", "timestamptz", "time", "timetz" ->
          scale >= 0 && scale < 6 || otherwise == scale ? scale : UNCONSTRAINED;
      default -> otherwise;
    };
  }
}
