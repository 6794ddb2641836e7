package io.kappacdc.cli.console;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Placeholders {@code ${name}} in a statement of ours. */
final class Placeholders {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([a-z]+)}");

  private Placeholders() {}

  /**
   * The statement with the values, in one pass: what looks like a placeholder in a value, as in the
   * name of a column, is none.
   */
  static String fill(String statement, Map<String, String> values) {
    return PLACEHOLDER
        .matcher(statement)
        .replaceAll(
            match -> {
              String value = values.get(match.group(1));
              if (value == null) {
                throw new IllegalArgumentException("No value for " + match.group());
              }
              return Matcher.quoteReplacement(value);
            });
  }
}
