package io.kappacdc.processor.sql;

import io.kappacdc.processor.lake.LakeCatalog;
import io.kappacdc.processor.lake.LakeCatalog.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Splits a script into statements at semicolons outside of quotes and comments; comments before a
 * statement are dropped.
 */
final class Statements {
  private static final Pattern HISTORY =
      Pattern.compile(LakeCatalog.HISTORY + "`?\\s*\\.", Pattern.CASE_INSENSITIVE);

  private final String script;
  private final StringBuilder current = new StringBuilder();
  private final List<String> statements = new ArrayList<>();
  private int at;

  private Statements(String script) {
    this.script = script;
  }

  static List<String> split(String script) {
    return new Statements(script).split();
  }

  /** Whether statements may be about a table: they name it, or list tables. */
  static boolean canMean(List<String> statements, Table table) {
    return statements.stream()
        .anyMatch(statement -> isListing(statement) || names(statement, table));
  }

  /** Whether statements may read histories, or list them. */
  static boolean areAboutHistories(List<String> statements) {
    return statements.stream()
        .anyMatch(statement -> isListing(statement) || HISTORY.matcher(statement).find());
  }

  /** Whether statements may read the history of a table. */
  static boolean canReadHistory(List<String> statements, Table table) {
    return statements.stream()
        .anyMatch(
            statement ->
                !isListing(statement)
                    && HISTORY.matcher(statement).find()
                    && names(statement, table));
  }

  private static boolean isListing(String statement) {
    return statement.toLowerCase(Locale.ROOT).startsWith("show");
  }

  private static boolean names(String statement, Table table) {
    return statement.toLowerCase(Locale.ROOT).contains(table.bareName());
  }

  private List<String> split() {
    while (at < script.length()) {
      char c = script.charAt(at);
      if (script.startsWith("--", at)) {
        skipTo("\n");
      } else if (script.startsWith("/*", at)) {
        skipTo("*/");
        at = Math.min(script.length(), at + 2);
        current.append(' ');
      } else if (c == '\'' || c == '"' || c == '`') {
        quoted(c);
      } else if (c == ';') {
        at++;
        end();
      } else {
        current.append(c);
        at++;
      }
    }
    end();
    return List.copyOf(statements);
  }

  private void skipTo(String end) {
    int found = script.indexOf(end, at);
    at = found < 0 ? script.length() : found;
  }

  private void quoted(char quote) {
    current.append(quote);
    at++;
    while (at < script.length()) {
      char c = script.charAt(at++);
      current.append(c);
      if (c == '\\' && quote != '`' && at < script.length()) {
        current.append(script.charAt(at++));
      } else if (c == quote) {
        return;
      }
    }
  }

  private void end() {
    String statement = current.toString().strip();
    if (!statement.isEmpty()) {
      statements.add(statement);
    }
    current.setLength(0);
  }
}
