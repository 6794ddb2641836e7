package io.kappacdc.load.spec;

import io.kappacdc.load.Mix;
import io.kappacdc.load.spec.TransactionSpec.Mixed;
import io.kappacdc.load.spec.TransactionSpec.Scripted;
import io.kappacdc.load.spec.TransactionSpec.Step;
import io.kappacdc.runtime.config.StrictMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What the parts of a spec must have to do with each other. */
final class SpecChecks {
  private final WorkloadSpec spec;
  private final StrictMap root;
  private final int connections;
  private final Set<String> tables;

  private SpecChecks(WorkloadSpec spec, StrictMap root, int connections) {
    this.spec = spec;
    this.root = root;
    this.connections = connections;
    this.tables = spec.tables().stream().map(TableSpec::name).collect(Collectors.toSet());
  }

  /**
   * Notes every problem at {@code root}.
   *
   * @param connections of the load, each with rows of its own; 1 if that is not known yet
   */
  static void check(WorkloadSpec spec, StrictMap root, int connections) {
    SpecChecks checks = new SpecChecks(spec, root, connections);
    spec.tables().forEach(checks::check);
    for (int i = 0; i < spec.transactions().size(); i++) {
      checks.check("transactions[" + i + "]", spec.transactions().get(i));
    }
  }

  private void check(TableSpec table) {
    String at = "tables." + table.name();
    List<ColumnSpec> keys =
        table.columns().stream().filter(c -> c.value() instanceof ValueSpec.Key).toList();
    if (keys.size() > 1) {
      root.problem(at + ".columns", "only one column can have the value key");
    }
    for (ColumnSpec key : keys) {
      boolean hasSequence =
          key.type() == null || key.type().toLowerCase(Locale.ROOT).matches("(big)?serial\\b.*");
      if (!hasSequence) {
        root.problem(at + ".columns." + key.name() + ".type", "a key must be serial or bigserial");
      }
    }
    if (keys.isEmpty() && (!table.primaryKey().isEmpty() || table.keep() > 0)) {
      root.problem(at, "primary-key and keep need a column with the value key");
    }
    for (String column : table.primaryKey()) {
      boolean fromKey =
          table
              .column(column)
              .filter(
                  c ->
                      c.value() instanceof ValueSpec.Key
                          || c.value() instanceof ValueSpec.KeyModulo)
              .isPresent();
      if (!fromKey) {
        root.problem(
            at + ".primary-key", column + " is no column with the value key or key-modulo");
      }
    }
    for (String column : table.updated()) {
      if (table.column(column).isEmpty() || table.primaryKey().contains(column)) {
        root.problem(at + ".update", column + " is no column outside the primary key");
      }
    }
    table.columns().forEach(column -> checkReference(table, column));
  }

  private void checkReference(TableSpec table, ColumnSpec column) {
    if (!(column.value() instanceof ValueSpec.Reference reference)) {
      return;
    }
    String place = "tables." + table.name() + ".columns." + column.name() + ".table";
    if (!tables.contains(reference.table())) {
      root.problem(place, "there is no table " + reference.table());
      return;
    }
    TableSpec other = spec.table(reference.table());
    boolean any = reference.pick() == ValueSpec.Pick.ANY;
    if (other.key().isEmpty()) {
      root.problem(place, other.name() + " has no key to refer to");
    } else if (any && other.keep() == 0 && isDeletedFrom(other.name())) {
      root.problem(
          place, "rows of " + other.name() + " are deleted: give it rows to keep, keep: 64");
    } else if (any && other.keep() == 0 && other.rows() == 0) {
      root.problem(place, other.name() + " has no rows at first: give it rows, or keep");
    } else if (any && other.keep() == 0 && other.rows() < connections) {
      root.problem(
          place,
          "%s has %,d rows at first, fewer than there are connections, %,d: give it more, or keep"
              .formatted(other.name(), other.rows(), connections));
    } else if (!any && !hasRowsForAll(other) && isWrittenWithout(table, column, other)) {
      root.problem(
          place,
          "the newest row of %s may not be there yet: insert one before in the same transaction, or"
                  .formatted(other.name())
              + " give it as many rows as there are connections, beside those to keep, and delete none");
    }
  }

  /** Whether each connection has a row of its own from the first to the last transaction. */
  private boolean hasRowsForAll(TableSpec table) {
    return table.rows() - table.keep() >= connections && !isDeletedFrom(table.name());
  }

  /** Whether a transaction sets that column before it has inserted a row into the other table. */
  private boolean isWrittenWithout(TableSpec table, ColumnSpec column, TableSpec other) {
    return spec.transactions().stream()
        .anyMatch(
            transaction ->
                transaction instanceof Mixed mixed
                    ? mixed.tables().contains(table.name())
                    : isWrittenWithout(((Scripted) transaction).steps(), table, column, other));
  }

  private static boolean isWrittenWithout(
      List<Step> steps, TableSpec table, ColumnSpec column, TableSpec other) {
    for (Step step : steps) {
      boolean isSet =
          step.kind() == Mix.Kind.INSERT
              || (step.kind() == Mix.Kind.UPDATE && table.updated().contains(column.name()));
      if (isSet && step.table().equals(table.name())) {
        return true;
      }
      if (step.kind() == Mix.Kind.INSERT && step.table().equals(other.name())) {
        return false;
      }
    }
    return false;
  }

  private boolean isDeletedFrom(String table) {
    return spec.transactions().stream()
        .anyMatch(
            transaction ->
                transaction instanceof Mixed mixed
                    ? mixed.mix().deletes() > 0 && mixed.tables().contains(table)
                    : ((Scripted) transaction)
                        .steps().stream()
                            .anyMatch(s -> s.kind() == Mix.Kind.DELETE && s.table().equals(table)));
  }

  private void check(String at, TransactionSpec transaction) {
    if (transaction instanceof Mixed mixed) {
      for (String table : mixed.tables()) {
        checkUse(at + ".tables", table, mixed.mix().updates() > 0 && hasKey(table));
      }
      long weights =
          mixed.tables().stream()
              .filter(tables::contains)
              .mapToLong(t -> spec.table(t).weight())
              .sum();
      if (weights == 0) {
        root.problem(at + ".tables", "expected a table with a weight");
      }
    } else {
      List<Step> steps = ((Scripted) transaction).steps();
      if (steps.isEmpty()) {
        root.problem(at + ".steps", "expected at least one");
      }
      for (int i = 0; i < steps.size(); i++) {
        Step step = steps.get(i);
        String place = at + ".steps[" + i + "]";
        checkUse(place, step.table(), step.kind() == Mix.Kind.UPDATE);
        if (tables.contains(step.table())
            && step.kind() != Mix.Kind.INSERT
            && !hasKey(step.table())) {
          root.problem(place, step.table() + " has no key: its rows can only be inserted");
        }
      }
    }
  }

  private boolean hasKey(String table) {
    return tables.contains(table) && spec.table(table).key().isPresent();
  }

  private void checkUse(String at, String table, boolean updates) {
    if (!tables.contains(table)) {
      root.problem(at, "there is no table " + table);
    } else if (updates && spec.table(table).updated().isEmpty()) {
      root.problem("tables." + table + ".update", "is missing: its rows are updated");
    }
  }
}
