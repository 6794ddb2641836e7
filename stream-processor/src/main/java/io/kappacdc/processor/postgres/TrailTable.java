package io.kappacdc.processor.postgres;

import io.kappacdc.event.Column;
import io.kappacdc.event.TableSchema;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Names and columns of a table's trail.
 *
 * @param schema the trail's schema, the source's own
 * @param table the source's table name and {@code _trail}; shortened with a hash where PostgreSQL's
 *     63 bytes end
 */
public record TrailTable(String schema, String table) {
  private static final int IDENTIFIER_BYTES_MAX = 63;
  private static final SqlTemplate CREATE = SqlTemplate.read("trail.sql");
  private static final String SUFFIX = "_trail";

  /** Columns that every trail has before the table's own; none of a user's may begin like them. */
  static final String METADATA_PREFIX = "_kappa_";

  static final List<String> METADATA =
      List.of(
          "_kappa_op",
          "_kappa_lsn",
          "_kappa_ordinal",
          "_kappa_tx_id",
          "_kappa_ts",
          "_kappa_sink_ts",
          "_kappa_before",
          "_kappa_unchanged");

  /** The trail of a source table. */
  public static TrailTable of(TableSchema schema) {
    return new TrailTable(schema.schema(), named(schema.table(), SUFFIX));
  }

  /** The name of a view beside the trail, in the same schema. */
  static String view(TableSchema source, String suffix) {
    return named(source.table(), suffix);
  }

  private static String named(String table, String suffix) {
    String name = table + suffix;
    if (name.getBytes(StandardCharsets.UTF_8).length <= IDENTIFIER_BYTES_MAX) {
      return name;
    }
    String tail = '_' + hash(table) + suffix;
    int end = table.length();
    while (table.substring(0, end).getBytes(StandardCharsets.UTF_8).length
        > IDENTIFIER_BYTES_MAX - tail.length()) {
      end = table.offsetByCodePoints(end, -1);
    }
    return table.substring(0, end) + tail;
  }

  private static String hash(String name) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** {@code "schema"."table"}. */
  public String sql() {
    return quote(schema) + '.' + quote(table);
  }

  /** A name as an SQL identifier, whatever characters it has. */
  public static String quote(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  /** A text as an SQL literal, whatever {@code standard_conforming_strings} says. */
  static String literal(String text) {
    String quotes = text.replace("'", "''");
    return text.indexOf('\\') < 0 ? "'" + quotes + "'" : "E'" + quotes.replace("\\", "\\\\") + "'";
  }

  /** The statements that create the trail and its schema where they are missing. */
  String createSql(TableSchema source) {
    StringBuilder columns = new StringBuilder(256);
    for (Column column : source.columns()) {
      columns.append(quote(column.name())).append(' ').append(column.builtInType()).append(", ");
    }
    return CREATE.with(
        Map.of("schema", quote(schema), "table", quote(table), "columns", columns.toString()));
  }

  String copySql(TableSchema source) {
    StringBuilder copy = new StringBuilder(256);
    copy.append("COPY ").append(sql()).append(" (");
    copy.append(columnList(source)).append(") FROM STDIN");
    return copy.toString();
  }

  String columnList(TableSchema source) {
    StringBuilder list = new StringBuilder(String.join(", ", METADATA));
    source.columns().forEach(column -> list.append(", ").append(quote(column.name())));
    return list.toString();
  }
}
