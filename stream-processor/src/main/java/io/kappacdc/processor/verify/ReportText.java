package io.kappacdc.processor.verify;

import io.kappacdc.event.Lsn;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A report for people: a table, the rows that differ, the verdict. */
final class ReportText {
  private static final List<String> STORES =
      List.of(PostgresTrail.STORE, DeltaFold.STORE, MirrorAtFence.STORE, TrailHistory.STORE);
  private static final List<String> HEADINGS =
      List.of("table", "source", "PostgreSQL trail", "Delta trail", "mirror", "changes", "verdict");
  private static final int VALUE_MAX = 60;

  /** Whether values of rows that differ are shown, which may be confidential. */
  enum Values {
    HIDDEN,
    SHOWN
  }

  private final Values values;

  ReportText(Values values) {
    this.values = values;
  }

  String write(VerificationReport report) {
    StringBuilder text = new StringBuilder();
    text.append(
        "Compared at LSN %s (%s); every store had passed it after %s; all in all %s.%n%n"
            .formatted(
                Lsn.format(report.fenceLsn()),
                report.startedAt().truncatedTo(ChronoUnit.SECONDS),
                seconds(report.waited()),
                seconds(report.duration())));
    appendTable(text, report);
    for (TableReport table : report.tables()) {
      table.notes().forEach(note -> text.append("%nnote: %s: %s".formatted(table.table(), note)));
      table.stores().forEach(store -> appendStore(text, table, store));
    }
    text.append("%n%s%n".formatted(summary(report)));
    return text.toString();
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
  }

  private static void appendTable(StringBuilder text, VerificationReport report) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(HEADINGS);
    for (TableReport table : report.tables()) {
      List<String> cells = new ArrayList<>();
      cells.add(table.table());
      cells.add(rows(table.sourceRows()));
      for (String store : STORES) {
        cells.add(table.store(store).map(s -> rows(s.rows())).orElse("-"));
      }
      cells.add(table.verdict().label());
      lines.add(cells);
    }
    int[] widths = new int[HEADINGS.size()];
    lines.forEach(
        cells -> {
          for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], cells.get(i).length());
          }
        });
    for (List<String> cells : lines) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        boolean isNumber = i > 0 && i < widths.length - 1;
        String format = isNumber ? "%" + widths[i] + "s  " : "%-" + widths[i] + "s  ";
        line.append(format.formatted(cells.get(i)));
      }
      text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }
  }

  private static String rows(@Nullable Long rows) {
    return rows == null ? "?" : String.format(Locale.ROOT, "%,d", rows);
  }

  private void appendStore(StringBuilder text, TableReport table, StoreReport store) {
    if (store.verdict() == Verdict.NOT_VERIFIED) {
      text.append(
          "%n%s: %s not verified: %s".formatted(table.table(), store.store(), store.reason()));
    } else if (store.verdict() == Verdict.MISMATCH) {
      Differences found = store.differences();
      text.append(
          "%n%s: %s: %,d missing, %,d that do not belong there, %,d different"
              .formatted(
                  table.table(), store.store(), found.missing(), found.extra(), found.different()));
      found.rows().forEach(row -> text.append("%n  %s".formatted(line(row))));
      long unnamed = found.total() - found.rows().size();
      if (unnamed > 0) {
        text.append("%n  and %,d more".formatted(unnamed));
      }
    }
  }

  private String line(Differences.Row row) {
    return switch (row.kind()) {
      case MISSING -> "missing    " + row.key();
      case EXTRA -> "extra      " + row.key();
      case DIFFERENT ->
          "different  "
              + row.key()
              + (row.columns().isEmpty() ? "" : " in ")
              + row.columns().stream().map(this::column).collect(Collectors.joining(", "));
    };
  }

  private String column(Differences.Value value) {
    return values == Values.HIDDEN
        ? value.column()
        : value.column()
            + " (expected "
            + shown(value.expected())
            + ", is "
            + shown(value.actual())
            + ")";
  }

  private static String shown(@Nullable String value) {
    if (value == null) {
      return "NULL";
    }
    return '\''
        + (value.length() <= VALUE_MAX ? value : value.substring(0, VALUE_MAX) + "…")
        + '\'';
  }

  private static String summary(VerificationReport report) {
    if (report.tables().isEmpty()) {
      return "match: the publication has no tables, and the stores neither";
    }
    long matching =
        report.tables().stream().filter(table -> table.verdict() == Verdict.MATCH).count();
    return report.verdict().label()
        + ": "
        + matching
        + " of "
        + report.tables().size()
        + " tables match";
  }
}
