package io.kappacdc.capture;

import io.kappacdc.capture.publish.TransactionAssembler;
import io.kappacdc.capture.resume.CapturedTable;
import io.kappacdc.capture.resume.TableForm;
import io.kappacdc.capture.resume.TableForm.Difference;
import io.kappacdc.capture.resume.TableName;
import io.kappacdc.capture.resume.TableNote;
import io.kappacdc.capture.source.SourceCatalog;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Notices by its form that a table has other rows although the log has no changes of them. Not
 * thread-safe.
 */
final class TableChanges {
  private final SourceCatalog catalog;
  private final TransactionAssembler assembler;

  /** What the topics' rows of a table are up to. */
  private final Map<TableName, TableForm> forms;

  private boolean areNoted;

  /**
   * @param forms what is remembered of tables; of a snapshot that is about to begin, what the
   *     catalog said before
   * @param areNoted whether they are remembered in Kafka
   */
  TableChanges(
      Map<TableName, TableForm> forms,
      boolean areNoted,
      SourceCatalog catalog,
      TransactionAssembler assembler) {
    this.forms = new HashMap<>(forms);
    this.areNoted = areNoted;
    this.catalog = catalog;
    this.assembler = assembler;
  }

  /** Whether a table's rows are those of its partitions. */
  boolean isRoot(CapturedTable table) {
    TableForm form = forms.get(name(table));
    return form != null && form.isRoot();
  }

  /** Looks at all tables, and has noted what they are now. */
  void lookAtAll(List<CapturedTable> tables, BiConsumer<CapturedTable, Difference> onDifference) {
    look(tables, onDifference);
    areNoted = true;
  }

  /** Looks at some tables, and has noted what has changed. */
  void look(List<CapturedTable> tables, BiConsumer<CapturedTable, Difference> onDifference) {
    Map<TableName, CapturedTable> byName = new LinkedHashMap<>();
    tables.forEach(table -> byName.put(name(table), table));
    catalog
        .forms(byName.keySet())
        .forEach(
            (name, form) -> {
              TableForm before = forms.put(name, form);
              if (!areNoted || !form.equals(before)) {
                assembler.note(new TableNote(name, form));
              }
              if (before != null) {
                form.differenceFrom(before)
                    .ifPresent(difference -> onDifference.accept(byName.get(name), difference));
              }
            });
  }

  private static TableName name(CapturedTable table) {
    return new TableName(table.schema(), table.table());
  }
}
