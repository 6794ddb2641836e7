package io.kappacdc.capture.transform;

import io.kappacdc.capture.source.SourceTable;
import io.kappacdc.event.Column;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.columns.ColumnMatcher;
import io.kappacdc.runtime.columns.ColumnPolicies;
import io.kappacdc.runtime.config.ColumnConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says at start which columns the policies are about, and refuses those that cannot work. */
public final class PolicyCheck {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyCheck.class);

  /** How many columns of an entry the log names; it counts all. */
  private static final int NAMED_MAX = 50;

  private PolicyCheck() {}

  /**
   * Checks the policies against the tables that the source has now.
   *
   * @return for people, a line for each entry that no column belongs to
   * @throws KappaException if one of them takes a table's key
   */
  public static List<String> run(ColumnPolicies policies, List<SourceTable> tables) {
    ColumnMatcher matcher = policies.matcher();
    List<List<String>> columns = new ArrayList<>();
    matcher.entries().forEach(entry -> columns.add(new ArrayList<>()));
    for (SourceTable table : tables) {
      PolicedTable.of(table, policies);
      for (Column column : table.columns()) {
        matcher
            .entry(table.schema(), table.table(), column.name())
            .ifPresent(
                entry ->
                    columns
                        .get(entry)
                        .add(table.schema() + '.' + table.table() + '.' + column.name()));
      }
    }
    List<String> idle = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      List<String> names = columns.get(i);
      if (names.isEmpty()) {
        idle.add(
            name(matcher, i)
                + " applies to no column: the source has none that it matches and no earlier one does");
        continue;
      }
      LOG.info(
          "{} columns={}: {}{}",
          name(matcher, i),
          names.size(),
          String.join(", ", names.subList(0, Math.min(NAMED_MAX, names.size()))),
          names.size() > NAMED_MAX ? ", …" : "");
    }
    idle.forEach(line -> LOG.warn("{}", line));
    return idle;
  }

  /** An entry for people: its place, its pattern, its policy. */
  static String name(ColumnMatcher matcher, int entry) {
    ColumnConfig config = matcher.entries().get(entry);
    return "capture.columns["
        + entry
        + "] ("
        + config.policy().name().toLowerCase(Locale.ROOT)
        + " '"
        + config.match()
        + "')";
  }
}
