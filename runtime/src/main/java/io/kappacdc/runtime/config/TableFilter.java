package io.kappacdc.runtime.config;

import java.util.regex.Pattern;

/** Which tables of the publication are captured. */
public final class TableFilter {
  /** Admits every table. */
  public static final TableFilter ALL = new TableFilter(TablePatterns.NONE, TablePatterns.NONE);

  private final String expression;
  private final Pattern pattern;

  TableFilter(TablePatterns include, TablePatterns exclude) {
    // Names may have line breaks, which a dot does not match by itself.
    this.expression =
        (exclude.isEmpty() ? "" : "(?!" + exclude.alternatives() + "\\z)")
            + (include.isEmpty() ? "(?s:.*)" : include.alternatives());
    this.pattern = Pattern.compile(expression);
  }

  /** Whether a table is captured, if the publication has it. */
  public boolean admits(String schema, String table) {
    return pattern.matcher(schema + '.' + table).matches();
  }

  /** Whether there is no table that it leaves out. */
  public boolean admitsAll() {
    return expression.equals(ALL.expression);
  }

  /** As one regular expression; never empty. */
  public String expression() {
    return expression;
  }

  /**
   * The same as a list of one regular expression as Debezium reads it: a comma separates there, and
   * letters match in either case unless it is told otherwise.
   */
  public String asDebeziumList() {
    return TablePatterns.escaped("(?-i:" + expression + ")");
  }
}
