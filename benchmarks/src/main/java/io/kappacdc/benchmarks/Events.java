package io.kappacdc.benchmarks;

import com.fasterxml.jackson.core.JsonFactory;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Operation;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the candidates share. */
final class Events {
  /** Configured as the product's, so that the formats differ and not the parser. */
  static final JsonFactory JSON =
      JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();

  /** How a column's value is written where a format knows numbers and booleans. */
  enum Form {
    INTEGER,
    LONG,
    NUMBER,
    BOOLEAN,
    TEXT
  }

  private Events() {}

  static Form[] forms(TableSchema schema) {
    return schema.columns().stream().map(column -> form(column.builtInType())).toArray(Form[]::new);
  }

  private static Form form(String type) {
    int modifier = type.indexOf('(');
    return switch (modifier < 0 ? type : type.substring(0, modifier)) {
      case "smallint", "integer" -> Form.INTEGER;
      case "bigint" -> Form.LONG;
      case "numeric", "real", "double precision" -> Form.NUMBER;
      case "boolean" -> Form.BOOLEAN;
      default -> Form.TEXT;
    };
  }

  /** PostgreSQL prints numbers in JSON's grammar, but for NaN and the infinities. */
  static boolean isJsonNumber(String value) {
    char last = value.charAt(value.length() - 1);
    return last >= '0' && last <= '9';
  }

  static ChangeEvent event(
      Operation operation,
      Origin origin,
      TableSchema schema,
      @Nullable Row before,
      @Nullable Row after) {
    return switch (operation) {
      case READ -> ChangeEvent.read(origin, schema, Objects.requireNonNull(after));
      case CREATE -> ChangeEvent.create(origin, schema, Objects.requireNonNull(after));
      case UPDATE -> ChangeEvent.update(origin, schema, before, Objects.requireNonNull(after));
      case DELETE -> ChangeEvent.delete(origin, schema, Objects.requireNonNull(before));
      case TRUNCATE -> ChangeEvent.truncate(origin, schema);
    };
  }
}
