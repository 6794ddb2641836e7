package io.kappacdc.capture.source;

import io.debezium.relational.TableId;
import io.kappacdc.capture.resume.TransientFailure;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Tables and views that have no columns now: {@code CREATE TABLE t ()}. Their rows say nothing, and
 * there is nothing to read.
 */
record ColumnlessTables(List<TableId> tables) {
  private static final String SQL =
      """
      SELECT current_database(), n.nspname, c.relname
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND NOT EXISTS (SELECT FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
      """;

  ColumnlessTables {
    tables = List.copyOf(tables);
  }

  static ColumnlessTables read(SourceDatabase database) {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(SQL)) {
      List<TableId> tables = new ArrayList<>();
      while (row.next()) {
        tables.add(new TableId(row.getString(1), row.getString(2), row.getString(3)));
      }
      return new ColumnlessTables(tables);
    } catch (SQLException e) {
      throw new TransientFailure("Cannot ask the source's catalog", e);
    }
  }

  /**
   * All other tables, as a list of one regular expression as Debezium reads it: a table is in the
   * list if one of its names matches, whole; a comma separates, and letters match in either case
   * unless it is told otherwise.
   */
  String asDebeziumListOfOthers() {
    return tables.stream()
        .flatMap(ColumnlessTables::names)
        .map(ColumnlessTables::literal)
        .collect(Collectors.joining("|", "(?-i:(?!(?:", ")\\z)(?s:.*))"));
  }

  private static Stream<String> names(TableId table) {
    TableId inItsDatabase = new TableId(null, table.schema(), table.table());
    return Stream.of(table, inItsDatabase)
        .flatMap(id -> Stream.of(id.identifier(), id.toDoubleQuotedString()));
  }

  private static String literal(String name) {
    return name.codePoints().mapToObj("\\x{%X}"::formatted).collect(Collectors.joining());
  }
}
