package io.kappacdc.capture.resume;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
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
  /** Why a table's rows are read while the others stream; one implies those behind it. */
  public enum Reason {
    /**
     * It was there before it was captured, or rows of it went without a change: what topics have of
     * it is taken back first.
     */
    JOINED,
    /** Rows came to it without a change. */
    GAINED,
    /** Rows that nobody changed read differently, since the table was changed. */
    CHANGED,
    /** A user asked for it. */
    ASKED;

    /** Whether topics lack rows that changes may be of. */
    public boolean isOfMissingRows() {
      return this == JOINED || this == GAINED;
    }
  }

  /**
   * How far the rows are read, in the order of the key.
   *
   * @param among oids of partitions whose rows alone are read; empty for all rows
   * @param behind text of each key column in the last row that was read; empty before the first
   * @param rows so many were read
   */
  public record Reading(Reason reason, List<Long> among, List<String> behind, long rows) {
    public Reading {
      Objects.requireNonNull(reason, "reason");
      among = List.copyOf(among);
      behind = List.copyOf(behind);
    }

    /** From the beginning. */
    public static Reading of(Reason reason) {
      return among(reason, List.of());
    }

    /** From the beginning, rows of these partitions. */
    public static Reading among(Reason reason, List<Long> partitions) {
      return new Reading(reason, partitions, List.of(), 0);
    }

    /** For what this one is, and another, from the beginning. */
    public Reading and(Reading other) {
      Reason stronger = reason.compareTo(other.reason) < 0 ? reason : other.reason;
      boolean isOfAll = among.isEmpty() || other.among.isEmpty();
      return among(
          stronger,
          isOfAll
              ? List.of()
              : Stream.concat(among.stream(), other.among.stream()).distinct().toList());
    }

    /** Further on. */
    public Reading to(List<String> last, long more) {
      return new Reading(reason, among, last, rows + more);
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
