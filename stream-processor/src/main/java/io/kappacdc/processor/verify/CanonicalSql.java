package io.kappacdc.processor.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * SQL by which PostgreSQL builds {@link CanonicalRow}'s text itself, in any version and encoding.
 */
final class CanonicalSql {
  /** PostgreSQL functions take 100 arguments at most. */
  private static final int CONCAT_MAX = 64;

  /**
   * Types whose cast to text is their output function; {@code boolean}, {@code character(n)} and
   * some others print otherwise.
   */
  private static final Set<String> CAST_IS_OUTPUT =
      Set.of(
          "smallint",
          "integer",
          "bigint",
          "numeric",
          "real",
          "double precision",
          "text",
          "character varying",
          "date",
          "timestamp without time zone",
          "timestamp with time zone",
          "uuid",
          "bytea",
          "json",
          "jsonb",
          "pg_lsn");

  private CanonicalSql() {}

  /** A name as an SQL identifier. */
  static String quote(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  /** A text as an SQL literal. */
  static String literal(String text) {
    StringBuilder literal = new StringBuilder(text.length() + 4);
    CanonicalRow.append(literal, text);
    return literal.substring(0, literal.length() - 1);
  }

  /**
   * The text of a value as COPY prints it; NULL stays NULL.
   *
   * @param expression an SQL expression, evaluated more than once
   * @param type its type as {@code format_type} prints it
   */
  static String text(String expression, String type) {
    int modifier = type.indexOf('(');
    String base = modifier < 0 ? type : type.substring(0, modifier).trim();
    boolean plain = type.endsWith("]") ? false : CAST_IS_OUTPUT.contains(base);
    if (plain || type.startsWith("timestamp")) {
      return expression + "::text";
    }
    // Not IS NULL: that holds for a composite value whose fields are all null, too.
    return "CASE WHEN "
        + expression
        + " IS DISTINCT FROM NULL THEN pg_catalog.format('%s', "
        + expression
        + ") END";
  }

  /** The canonical text of a row whose values are the text expressions given. */
  static String canonical(List<String> texts) {
    List<String> parts = new ArrayList<>(texts.size());
    for (String text : texts) {
      parts.add("coalesce(pg_catalog.quote_literal(" + text + "), 'NULL'), ','");
    }
    List<String> groups = new ArrayList<>();
    for (int i = 0; i < parts.size(); i += CONCAT_MAX / 2) {
      groups.add(
          "pg_catalog.concat("
              + String.join(", ", parts.subList(i, Math.min(parts.size(), i + CONCAT_MAX / 2)))
              + ")");
    }
    return groups.isEmpty() ? "''" : String.join(" || ", groups);
  }

  /**
   * MD5 over UTF-8, as hexadecimal text.
   *
   * @param encoding the server's encoding
   */
  static String md5(String text, @Nullable String encoding) {
    return "UTF8".equals(encoding)
        ? "pg_catalog.md5(" + text + ")"
        : "pg_catalog.md5(pg_catalog.convert_to(" + text + ", 'UTF8'))";
  }
}
