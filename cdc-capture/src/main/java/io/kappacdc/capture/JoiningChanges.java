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
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Changes of a table that is being read for the first time. The stores may not have the row that an
 * update belongs to, and so not the values that PostgreSQL did not send with it: these are taken
 * from the row as it is now. If they changed in between, a later change says so with its values.
 * Not thread-safe.
 */
final class JoiningChanges {
  /** Debezium makes a new schema for each description of a table; old ones are forgotten. */
  private static final int SHAPES_MAX = 20_000;

  private final TableSnapshots snapshots;
  private final TransactionAssembler assembler;
  private final SourceCatalog catalog;
  private final TableReader rows;
  private final Map<Schema, Optional<SourceTable>> joining = new IdentityHashMap<>();
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
    SourceTable table = joining(change).orElse(null);
    Struct after = table == null ? null : SourceRecords.after(change);
    if (table == null || after == null || table.key().isEmpty()) {
      return true;
    }
    List<Field> unsent = after.schema().fields().stream().filter(f -> isAbsent(after, f)).toList();
    if (unsent.isEmpty()) {
      return true;
    }
    List<String> key = new ArrayList<>();
    for (String name : table.key()) {
      if (!(after.schema().field(name) != null && after.get(name) instanceof String text)) {
        return true;
      }
      key.add(text);
    }
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
  private Optional<SourceTable> joining(SourceRecord change) {
    if (known != assembler.tables() || joining.size() >= SHAPES_MAX) {
      joining.clear();
    }
    Schema shape = SourceRecords.rowSchema(change);
    Optional<SourceTable> found = joining.get(shape);
    if (found == null) {
      String schema = SourceRecords.schemaName(change);
      String table = SourceRecords.tableName(change);
      found =
          snapshots.isJoining(schema, table)
              ? Optional.of(catalog.table(schema, table, null))
              : Optional.empty();
      known = assembler.tables();
      joining.put(shape, found);
    }
    return found;
  }
}
