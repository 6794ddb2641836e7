package io.kappacdc.runtime.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/**
 * Regular expressions that name tables, each for the whole of {@code schema.table} without quotes,
 * in the case that the catalog has.
 */
public record TablePatterns(List<String> expressions) {
  static final TablePatterns NONE = new TablePatterns(List.of());

  /**
   * @throws IllegalArgumentException naming the first expression that is none
   */
  public TablePatterns {
    expressions = List.copyOf(expressions);
    expressions.forEach(TablePatterns::require);
  }

  private static void require(String expression) {
    try {
      // In a group, as they are used: a quotation that does not end would swallow what follows.
      Pattern.compile("(?:" + expression + ")");
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "expected regular expressions for <schema>.<table>, and '"
              + expression
              + "' is none ("
              + e.getDescription()
              + ")",
          e);
    }
  }

  /**
   * Takes a list, or a text with a comma between two expressions; {@code \,} is a comma within one.
   *
   * @throws IllegalArgumentException if one of them is no regular expression
   */
  static TablePatterns parse(Object value) {
    List<String> expressions = new ArrayList<>();
    if (value instanceof List<?> list) {
      for (Object element : list) {
        if (element == null || element instanceof List) {
          throw new IllegalArgumentException("expected a list of regular expressions");
        }
        addUnescaped(element.toString(), expressions);
      }
    } else {
      split(value.toString(), expressions);
    }
    return new TablePatterns(expressions);
  }

  private static void addUnescaped(String text, List<String> expressions) {
    List<String> parts = new ArrayList<>();
    split(text, parts);
    if (!parts.isEmpty()) {
      expressions.add(String.join(",", parts));
    }
  }

  private static void split(String text, List<String> into) {
    StringBuilder expression = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      if (character == '\\' && i + 1 < text.length()) {
        char escaped = text.charAt(++i);
        expression.append(escaped == ',' ? "," : "\\" + escaped);
      } else if (character == ',') {
        add(expression, into);
      } else {
        expression.append(character);
      }
    }
    add(expression, into);
  }

  private static void add(StringBuilder expression, List<String> into) {
    String trimmed = expression.toString().trim();
    expression.setLength(0);
    if (!trimmed.isEmpty()) {
      into.add(trimmed);
    }
  }

  boolean isEmpty() {
    return expressions.isEmpty();
  }

  /** One regular expression for all of them. */
  String alternatives() {
    return expressions.stream()
        .map(expression -> "(?:" + expression + ")")
        .collect(Collectors.joining("|", "(?:", ")"));
  }

  /** The text that is read as these expressions. */
  @Override
  public String toString() {
    return expressions.stream().map(TablePatterns::escaped).collect(Collectors.joining(","));
  }

  /** With commas that do not separate; no expression has one that is escaped. */
  static String escaped(String expression) {
    return expression.replace(",", "\\,");
  }
}
