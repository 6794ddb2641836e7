package io.kappacdc.telemetry;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names in an expression of PromQL: no parser, but everything that is not taken for something
 * else is a metric, so that a name with a slip in it is found.
 *
 * @param metrics names of series
 * @param labels names of labels in matchers and groupings
 */
record PromQl(Set<String> metrics, Set<String> labels) {
  private static final Pattern STRING = Pattern.compile("\"[^\"]*\"");
  private static final Pattern MATCHERS = Pattern.compile("\\{([^}]*)}");
  private static final Pattern GROUPING =
      Pattern.compile("\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\(([^)]*)\\)");
  private static final Pattern RANGE = Pattern.compile("\\[[^]]*]");

  /** Without names that a parenthesis follows: those are functions. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z_:][A-Za-z0-9_:]*+(?!\\s*\\()");

  private static final Pattern LABEL = Pattern.compile("[A-Za-z_]\\w*");
  private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "bool", "offset");

  static PromQl of(String expression) {
    Set<String> labels = new TreeSet<>();
    String rest = STRING.matcher(expression).replaceAll("");
    rest = take(MATCHERS, rest, labels);
    rest = take(GROUPING, rest, labels);
    rest = RANGE.matcher(rest).replaceAll("");
    Set<String> metrics = new TreeSet<>();
    Matcher names = NAME.matcher(rest);
    while (names.find()) {
      if (!OPERATORS.contains(names.group()) && !isPartOfANumber(rest, names.start())) {
        metrics.add(names.group());
      }
    }
    return new PromQl(metrics, labels);
  }

  private static boolean isPartOfANumber(String text, int at) {
    return at > 0 && Character.isLetterOrDigit(text.charAt(at - 1));
  }

  private static String take(Pattern pattern, String text, Set<String> labels) {
    Matcher found = pattern.matcher(text);
    while (found.find()) {
      Matcher names = LABEL.matcher(found.group(1));
      while (names.find()) {
        labels.add(names.group());
      }
    }
    return pattern.matcher(text).replaceAll(" ");
  }
}
