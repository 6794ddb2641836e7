package io.kappacdc.processor.sql;

import io.kappacdc.processor.lake.LakeCatalog;
import io.kappacdc.processor.lake.LakeCatalog.Store;
import io.kappacdc.processor.lake.LakeCatalog.Table;
import io.kappacdc.runtime.KappaException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Database history: of each trail the changes that the session knows, with all their values. */
final class Histories {
  private final LakeCatalog catalog;

  Histories(LakeCatalog catalog) {
    this.catalog = catalog;
  }

  /** The histories' SQL names. */
  static List<String> names(List<Table> tables) {
    return tables.stream()
        .filter(table -> table.store() == Store.TRAIL)
        .map(Histories::name)
        .toList();
  }

  private static String name(Table trail) {
    return LakeCatalog.HISTORY + '.' + trail.bareName();
  }

  /**
   * Makes the histories known to the session that the statements read or list. To fill one means to
   * look through the trail.
   *
   * @param refused tables that cannot be read, by SQL name
   * @return the same with the histories that cannot be read
   */
  Map<String, KappaException> register(
      List<String> statements, Map<String, KappaException> refused) {
    catalog.dropHistories();
    if (!Statements.areAboutHistories(statements)) {
      return refused;
    }
    Map<String, KappaException> all = new HashMap<>(refused);
    for (Table table : catalog.tables()) {
      if (table.store() == Store.TRAIL && Statements.canMean(statements, table)) {
        try {
          register(table, statements, refused);
        } catch (KappaException e) {
          all.put(name(table), e);
        }
      }
    }
    return all;
  }

  private void register(Table trail, List<String> statements, Map<String, KappaException> refused) {
    if (refused.containsKey(trail.sqlName())) {
      throw refused.get(trail.sqlName());
    } else if (trail.isRekeyed()) {
      throw SqlErrors.rekeyed(name(trail));
    } else if (Statements.canReadHistory(statements, trail)) {
      catalog.registerHistory(trail);
    } else {
      catalog.registerUnfilledHistory(trail);
    }
  }
}
