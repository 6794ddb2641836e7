package io.kappacdc.processor.sql;

import io.kappacdc.processor.lake.LakeCatalog;
import io.kappacdc.processor.lake.LakeCatalog.Store;
import io.kappacdc.processor.lake.LakeCatalog.Table;
import io.kappacdc.processor.sql.RecordedCuts.TableAt;
import io.kappacdc.runtime.KappaException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The lake's tables as of one moment, under the names that they always have. */
final class TablesAtMoment {
  private final LakeCatalog catalog;
  private final Moment moment;
  private final Map<Store, Map<String, TableAt>> tables = new EnumMap<>(Store.class);

  TablesAtMoment(LakeCatalog catalog, RecordedCuts cuts, Moment moment) {
    this.catalog = catalog;
    this.moment = moment;
    for (Store store : Store.values()) {
      tables.put(store, cuts.tablesAt(store, moment));
    }
  }

  /**
   * Makes the tables known to the session that the statements can mean. To look up a version takes
   * a while, and a lake may have many tables.
   *
   * @return why tables were left out, by SQL name
   */
  Map<String, KappaException> register(List<String> statements) {
    catalog.registerNone();
    Map<String, KappaException> refused = new HashMap<>();
    for (Table table : catalog.tables()) {
      if (Statements.canMean(statements, table)) {
        try {
          register(table);
        } catch (KappaException e) {
          refused.put(table.sqlName(), e);
        }
      }
    }
    return refused;
  }

  private void register(Table table) {
    TableAt at =
        tables
            .get(table.store())
            .getOrDefault(table.schema().qualifiedName(), new TableAt.NotYet());
    if (at instanceof TableAt.Version version) {
      registerVersion(table, version.version());
    } else if (at instanceof TableAt.Changes) {
      catalog.registerUpTo(table, moment.lsn());
    } else if (at instanceof TableAt.Stopped stopped) {
      throw SqlErrors.stopped(table.sqlName(), moment, stopped.noted());
    } else if (at instanceof TableAt.MadeAnew) {
      throw SqlErrors.madeAnew(table.sqlName(), moment);
    } else {
      throw SqlErrors.notYetThere(table.sqlName(), moment);
    }
  }

  private void registerVersion(Table table, long version) {
    try {
      catalog.registerVersion(table, version);
    } catch (Exception e) {
      // Spark throws checked exceptions that Scala does not declare.
      throw SqlErrors.versionGone(table.sqlName(), moment, version, e);
    }
  }
}
