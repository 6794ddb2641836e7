package io.kappacdc.capture;

import io.kappacdc.capture.publish.TransactionAssembler;
import io.kappacdc.capture.resume.CapturedTables;
import io.kappacdc.capture.resume.TransientFailure;
import io.kappacdc.capture.source.SourceCatalog;
import io.kappacdc.capture.source.SourceRecords;
import io.kappacdc.capture.source.SourceTable;
import io.kappacdc.capture.source.TableReader;
import io.kappacdc.event.Row;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Changes of a table of which rows are being read for the first time. The stores may not have the
 * row that an update belongs to, and so not the values that PostgreSQL did not send with it: these
 * are taken from the row as it is now. If they changed in between, a later change says so with its
 * values. Not thread-safe.
 */
final class JoiningChanges {
  /** Debezium makes a new schema for each description of a table; old ones are forgotten. */
  private static final int SHAPES_MAX = 20_000;

  private final TableSnapshots snapshots;
  private final TransactionAssembler assembler;
  private final SourceCatalog catalog;
  private final TableReader rows;
  private final Map<Schema, Optional<SourceTable>> joining = new IdentityHashMap<>();
  private final Set<Schema> met = Collections.newSetFromMap(new IdentityHashMap<>());

  /**
   * Met first behind the last look at their table, which has partitions: the first change of each
   * comes with a description of its own, also of one that was attached with its rows.
   */
  private final Set<Schema> unlooked = Collections.newSetFromMap(new IdentityHashMap<>());

  private @Nullable CapturedTables known;

  JoiningChanges(
      TableSnapshots snapshots,
      TransactionAssembler assembler,
      SourceCatalog catalog,
      TableReader rows) {
    this.snapshots = snapshots;
    this.assembler = assembler;
    this.catalog = catalog;
    this.rows = rows;
  }

  /**
   * Completes a change where that is needed.
   *
   * @return false if its row is gone by now, so that a later change removes it, and nothing is
   *     known of it that could be published
   */
  boolean hasRow(SourceRecord change) {
    Schema shape = SourceRecords.rowSchema(change);
    SourceTable table = joining(change, shape);
    Struct after = table != null || unlooked.contains(shape) ? SourceRecords.after(change) : null;
    if (after == null) {
      return true;
    }
    List<Field> unsent = after.schema().fields().stream().filter(f -> isAbsent(after, f)).toList();
    if (unsent.isEmpty()) {
      return true;
    }
    if (unlooked.remove(shape)) {
      snapshots.look(SourceRecords.schemaName(change), SourceRecords.tableName(change));
      table = joining(change, shape);
    }
    if (table == null || table.key().isEmpty()) {
      return true;
    }
    List<String> key = new ArrayList<>();
    for (String name : table.key()) {
      if (!(after.schema().field(name) != null && after.get(name) instanceof String text)) {
        return true;
      }
      key.add(text);
    }
    return complete(after, unsent, table, key);
  }

  private boolean complete(Struct after, List<Field> unsent, SourceTable table, List<String> key) {
    try {
      Optional<List<@Nullable String>> present =
          rows.present(table, key, unsent.stream().map(Field::name).toList());
      present.ifPresent(
          values -> {
            for (int i = 0; i < unsent.size(); i++) {
              after.put(unsent.get(i), values.get(i));
            }
          });
      return present.isPresent();
    } catch (SQLException e) {
      throw new TransientFailure("Cannot read the rest of a changed row", e);
    }
  }

  @SuppressWarnings("ReferenceEquality")
  private static boolean isAbsent(Struct row, Field field) {
    return row.get(field) == Row.ABSENT;
  }

  /** The change's table, if it is one of these. */
  @SuppressWarnings("ReferenceEquality")
  private @Nullable SourceTable joining(SourceRecord change, Schema shape) {
    if (known != assembler.tables() || joining.size() >= SHAPES_MAX) {
      joining.clear();
      known = assembler.tables();
    }
    Optional<SourceTable> found = joining.get(shape);
    if (found == null) {
      String schema = SourceRecords.schemaName(change);
      String table = SourceRecords.tableName(change);
      found =
          snapshots.isJoining(schema, table)
              ? Optional.of(catalog.table(schema, table, null))
              : Optional.empty();
      meet(shape, schema, table);
      joining.put(shape, found);
    }
    return found.orElse(null);
  }

  private void meet(Schema shape, String schema, String table) {
    if (met.size() >= SHAPES_MAX) {
      met.clear();
      unlooked.clear();
    }
    if (met.add(shape)) {
      snapshots.met(schema, table);
      if (snapshots.isRoot(schema, table)) {
        unlooked.add(shape);
      }
    }
  }
}
