package io.kappacdc.telemetry;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps the number of tables that have a label of their own within {@value #TABLES_MAX}; all
 * further ones share {@value #OTHERS}. Thread-safe; under a race a few more may get one.
 */
final class TableLabels {
  static final int TABLES_MAX = 1000;
  static final String OTHERS = "(others)";

  private final Set<String> known = ConcurrentHashMap.newKeySet();

  String of(String table) {
    if (known.contains(table)) {
      return table;
    }
    if (known.size() >= TABLES_MAX) {
      return OTHERS;
    }
    known.add(table);
    return table;
  }
}
