package io.kappacdc.event;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The shape of a table's rows at the time an event was written. Schemas with equal content have
 * equal {@link #id()}s, so an id names the same schema for ever, whoever wrote it.
 */
public final class TableSchema {
  private final String schema;
  private final String table;
  private final List<Column> columns;
  private final List<String> key;
  private final ReplicaIdentity identity;
  private final int[] keyIndexes;
  private final String id;

  /**
   * @param schema the source's schema name, unquoted
   * @param table the source's table name, unquoted
   * @param columns columns in the source's order; at least none, names unique
   * @param key names of the primary key's columns in the key's order; empty for a table without one
   * @param identity the table's replica identity
   * @throws IllegalArgumentException if a column name occurs twice or a key column is missing
   */
  public TableSchema(
      String schema,
      String table,
      List<Column> columns,
      List<String> key,
      ReplicaIdentity identity) {
    this.schema = Objects.requireNonNull(schema, "schema");
    this.table = Objects.requireNonNull(table, "table");
    this.columns = List.copyOf(columns);
    this.key = List.copyOf(key);
    this.identity = Objects.requireNonNull(identity, "identity");
    this.keyIndexes = indexesOf(this.key, this.columns);
    this.id = contentHash();
  }

  private static int[] indexesOf(List<String> key, List<Column> columns) {
    List<String> names = new ArrayList<>(columns.size());
    Set<String> seen = new HashSet<>();
    for (Column column : columns) {
      if (!seen.add(column.name())) {
        throw new IllegalArgumentException("Column '" + column.name() + "' occurs twice");
      }
      names.add(column.name());
    }
    int[] indexes = new int[key.size()];
    for (int i = 0; i < indexes.length; i++) {
      indexes[i] = names.indexOf(key.get(i));
      if (indexes[i] < 0) {
        throw new IllegalArgumentException("Key column '" + key.get(i) + "' is not a column");
      }
    }
    return indexes;
  }

  public String schema() {
    return schema;
  }

  public String table() {
    return table;
  }

  public List<Column> columns() {
    return columns;
  }

  public List<String> key() {
    return key;
  }

  public ReplicaIdentity identity() {
    return identity;
  }

  /** Indexes of the key's columns in {@link #columns()}, in the key's order; a copy. */
  public int[] keyIndexes() {
    return keyIndexes.clone();
  }

  public boolean hasKey() {
    return !key.isEmpty();
  }

  /** {@code schema.table}, unquoted, for people. */
  public String qualifiedName() {
    return schema + '.' + table;
  }

  /** 16 hexadecimal digits that depend on the content alone. */
  public String id() {
    return id;
  }

  private String contentHash() {
    StringBuilder content = new StringBuilder(64 + 64 * columns.size());
    append(content, schema);
    append(content, table);
    append(content, identity.name());
    append(content, Integer.toString(key.size()));
    key.forEach(name -> append(content, name));
    for (Column column : columns) {
      append(content, column.name());
      append(content, column.type());
      append(content, column.builtInType());
      append(content, column.nullable() ? "null" : "not null");
      append(content, column.sourceName() == null ? "-" : "=" + column.sourceName());
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(content.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  private static void append(StringBuilder content, String part) {
    content.append(part.length()).append(':').append(part);
  }

  @Override
  public boolean equals(Object other) {
    if (this == other) {
      return true;
    }
    return other instanceof TableSchema that
        && schema.equals(that.schema)
        && table.equals(that.table)
        && columns.equals(that.columns)
        && key.equals(that.key)
        && identity == that.identity;
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return qualifiedName() + columns + " key " + key + " identity " + identity + " id " + id;
  }
}
