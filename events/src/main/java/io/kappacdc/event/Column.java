package io.kappacdc.event;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A column of a row on the stream.
 *
 * @param name name on the stream and in the sinks
 * @param type the type as the source's {@code format_type()} prints it, e.g. {@code numeric(10,2)}
 *     or {@code mood}
 * @param builtInType a type that every PostgreSQL has and that holds this column's text: the type
 *     itself when it is built in, a domain's base type, {@code text} for enums, composites and
 *     types of extensions
 * @param nullable whether the source admits NULL
 * @param sourceName the column's name in the source table; null when a transform added the column
 */
public record Column(
    String name, String type, String builtInType, boolean nullable, @Nullable String sourceName) {
  public Column {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(builtInType, "builtInType");
  }

  /** A column of a built-in type that has the same name at the source. */
  public static Column of(String name, String type) {
    return new Column(name, type, type, true, name);
  }
}
