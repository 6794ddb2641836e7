package io.kappacdc.capture.resume;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The tables of which the topics have all rows, those that are being read meanwhile, and those that
 * were there and not captured. What is none of them came later.
 *
 * @param filter by which they were chosen; empty if no tables were ever noted
 * @param tables the captured ones
 * @param leftOut oids of the others
 * @param publication version of the publication's options; 0 if it was not noted
 * @param settledFrom rows that were read may be of a later moment than their place in the topics,
 *     up to this LSN: before it nothing published is a moment of the source
 */
public record CapturedTables(
    String filter,
    List<CapturedTable> tables,
    List<Long> leftOut,
    long publication,
    long settledFrom) {
  /** Nothing was noted. */
  public static final CapturedTables UNKNOWN = new CapturedTables("", List.of(), List.of(), 0, 0);

  public CapturedTables {
    Objects.requireNonNull(filter, "filter");
    tables = List.copyOf(tables);
    leftOut = List.copyOf(leftOut);
  }

  public boolean isKnown() {
    return !filter.isEmpty();
  }

  public Optional<CapturedTable> table(String schema, String table) {
    return tables.stream().filter(known -> known.isNamed(schema, table)).findFirst();
  }

  /** The tables whose rows are still to be read. */
  public List<CapturedTable> unread() {
    return tables.stream().filter(table -> table.reading() != null).toList();
  }

  /** The same with another state of one table. */
  public CapturedTables with(CapturedTable next) {
    return new CapturedTables(
        filter,
        tables.stream().map(known -> known.oid() == next.oid() ? next : known).toList(),
        leftOut,
        publication,
        settledFrom);
  }

  public CapturedTables settledFrom(long lsn) {
    return new CapturedTables(filter, tables, leftOut, publication, lsn);
  }
}
