package io.kappacdc.processor.postgres;

import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.TopicNames;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A view beside the trail of one table: what it is to be, and what is there. It is ours if its
 * comment says so.
 *
 * @param kind what it shows
 * @param topic the table's topic
 * @param schema the table's newest schema
 */
record TrailView(Kind kind, String topic, TableSchema schema) {
  private static final String OUTDATED = "out of date";

  /** What a view of a trail shows. */
  enum Kind {
    /** The table's rows at one moment. */
    AS_OF("_as_of", "The rows of %s at one moment of the source", "docs/as-of.md"),
    /** The table's changes with the values that PostgreSQL left out. */
    HISTORY("_history", "The changes of %s with all their values", "docs/trail-and-mirror.md");

    private final String suffix;
    private final String comment;
    private final String mark;

    Kind(String suffix, String comment, String document) {
      this.suffix = suffix;
      this.comment = comment;
      this.mark = " (kappa-cdc, " + document + ") ";
    }
  }

  /** All views of a table. */
  static List<TrailView> of(TopicNames topics, TableSchema schema) {
    String topic = topics.table(schema.schema(), schema.table());
    return Arrays.stream(Kind.values()).map(kind -> new TrailView(kind, topic, schema)).toList();
  }

  /** What has the view's name at present. */
  sealed interface Existing {
    record Nothing() implements Existing {}

    /** A view, table or whatever that is not ours to change. */
    record Foreign() implements Existing {}

    record Ours(String comment) implements Existing {}
  }

  /** The view's name, quoted. */
  String sql() {
    return TrailTable.quote(schema.schema())
        + '.'
        + TrailTable.quote(TrailTable.view(schema, kind.suffix));
  }

  Existing existing(Connection connection) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT c.relkind = 'v', obj_description(c.oid, 'pg_class') FROM pg_class c"
                + " WHERE c.oid = to_regclass(?)")) {
      query.setString(1, sql());
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          return new Existing.Nothing();
        }
        String comment = row.getString(2);
        return row.getBoolean(1) && comment != null && comment.contains(kind.mark)
            ? new Existing.Ours(comment)
            : new Existing.Foreign();
      }
    }
  }

  /** The comment of the view with this definition. */
  String comment(String definition) {
    return kind.comment.formatted(schema.qualifiedName()) + kind.mark + hash(definition);
  }

  /** The comment of a view that only says that it is out of date. */
  String commentOutdated() {
    return comment("").replace(hash(""), OUTDATED);
  }

  private static String hash(String definition) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(definition.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** Why the table's trail has no such view; empty if it has one. */
  Optional<String> refusal(Connection connection) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement("SELECT former_key FROM kappa.rekeyed WHERE topic = ?")) {
      query.setString(1, topic);
      try (ResultSet row = query.executeQuery()) {
        return row.next()
            ? Optional.of(
                "the table's key has changed, from "
                    + row.getString(1)
                    + ": changes from before do not tell which row they are of")
            : Optional.empty();
      }
    }
  }

  /** The query of the view; it has the columns of the trail, also those that the source dropped. */
  String definition(Connection connection) throws SQLException {
    TrailTable trail = TrailTable.of(schema);
    List<TrailState.Column> columns = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT attname, format_type(atttypid, atttypmod), attlen >= 0 FROM pg_attribute"
                + " WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped"
                + " AND NOT starts_with(attname, ?) ORDER BY attnum")) {
      query.setString(1, trail.sql());
      query.setString(2, TrailTable.METADATA_PREFIX);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          columns.add(
              new TrailState.Column(
                  rows.getString(1),
                  rows.getString(2),
                  rows.getBoolean(3) ? TrailState.Sent.ALWAYS : TrailState.Sent.IF_CHANGED));
        }
      }
    }
    TrailState state =
        new TrailState(
            trail.sql(), schema.qualifiedName(), columns, schema.key(), schema.identity());
    return switch (kind) {
      case AS_OF -> state.atSessionsMoment(topic);
      case HISTORY -> state.history();
    };
  }

  /**
   * A query with the view's present columns that is an error whenever it runs.
   *
   * @param dependents what keeps the view from being made anew
   */
  String outdated(Connection connection, String dependents) throws SQLException {
    List<String> columns = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
                + " WHERE attrelid = ?::regclass AND attnum > 0 ORDER BY attnum")) {
      query.setString(1, sql());
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          columns.add("NULL::" + rows.getString(2) + " AS " + TrailTable.quote(rows.getString(1)));
        }
      }
    }
    return "SELECT "
        + String.join(", ", columns)
        + " WHERE kappa.outdated("
        + TrailTable.literal(sql())
        + ", "
        + TrailTable.literal(dependents)
        + ")";
  }
}
