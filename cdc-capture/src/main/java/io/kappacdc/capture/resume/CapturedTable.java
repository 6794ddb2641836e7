package io.kappacdc.capture.resume;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A table of the source that is captured.
 *
 * @param oid tells it from another one of the same name
 * @param membership oid of what makes the publication have it: its own entry there, its schema's,
 *     or the publication itself; another one means that changes may have been missed in between
 * @param reading how far its rows are read; null if the topics have all of them
 */
public record CapturedTable(
    String schema, String table, long oid, long membership, @Nullable Reading reading) {
  /** Why a table's rows are read while the others stream. */
  public enum Reason {
    /** It was there before it was captured: what it has, and changes before, are not in topics. */
    JOINED,
    /** Rows that nobody changed read differently, since the table was changed. */
    CHANGED,
    /** A user asked for it. */
    ASKED
  }

  /**
   * How far the rows are read, in the order of the key.
   *
   * @param behind text of each key column in the last row that was read; empty before the first
   * @param rows so many were read
   */
  public record Reading(Reason reason, List<String> behind, long rows) {
    public Reading {
      Objects.requireNonNull(reason, "reason");
      behind = List.copyOf(behind);
    }

    /** From the beginning. */
    public static Reading of(Reason reason) {
      return new Reading(reason, List.of(), 0);
    }
  }

  public CapturedTable {
    Objects.requireNonNull(schema, "schema");
    Objects.requireNonNull(table, "table");
  }

  public CapturedTable with(@Nullable Reading next) {
    return new CapturedTable(schema, table, oid, membership, next);
  }

  public boolean isNamed(String otherSchema, String otherTable) {
    return schema.equals(otherSchema) && table.equals(otherTable);
  }

  /** Schema and table, for people. */
  public String name() {
    return schema + '.' + table;
  }
}
