package io.kappacdc.cli.doctor;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Questions to a PostgreSQL server that have one answer, or a column of them. */
final class Catalog {
  private static final int TIMEOUT_SECONDS = 10;

  private final Connection connection;

  Catalog(Connection connection) {
    this.connection = connection;
  }

  /** The first column, as text; null becomes an empty text. */
  List<String> texts(String sql, String... parameters) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setQueryTimeout(TIMEOUT_SECONDS);
      for (int i = 0; i < parameters.length; i++) {
        query.setString(i + 1, parameters[i]);
      }
      List<String> texts = new ArrayList<>();
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          String text = rows.getString(1);
          texts.add(text == null ? "" : text);
        }
      }
      return texts;
    }
  }

  /** A table's names. */
  record Table(String schema, String name) {
    @Override
    public String toString() {
      return schema + '.' + name;
    }
  }

  /** Tables, from columns with schema and name. */
  List<Table> tables(String sql, String parameter) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setQueryTimeout(TIMEOUT_SECONDS);
      query.setString(1, parameter);
      List<Table> tables = new ArrayList<>();
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          tables.add(new Table(rows.getString(1), rows.getString(2)));
        }
      }
      return tables;
    }
  }

  /** The first row's first column; empty without a row. */
  String text(String sql, String... parameters) throws SQLException {
    List<String> texts = texts(sql, parameters);
    return texts.isEmpty() ? "" : texts.get(0);
  }

  long number(String sql, String... parameters) throws SQLException {
    String text = text(sql, parameters);
    return text.isEmpty() ? 0 : Long.parseLong(text);
  }

  boolean is(String sql, String... parameters) throws SQLException {
    return text(sql, parameters).equals("t");
  }

  /** A setting of the server, in its base unit; empty if this version does not know it. */
  String setting(String name) throws SQLException {
    return text("SELECT setting FROM pg_settings WHERE name = ?", name);
  }

  int version() throws SQLException {
    return Integer.parseInt(setting("server_version_num")) / 10_000;
  }

  boolean isEncrypted() throws SQLException {
    return is("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
  }

  /**
   * How far the server's clock is ahead of this machine's, in milliseconds, give or take a round
   * trip.
   */
  long clockAheadMillis() throws SQLException {
    long before = System.currentTimeMillis();
    long there = number("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint");
    long after = System.currentTimeMillis();
    return there > after ? there - after : Math.min(0, there - before);
  }
}
