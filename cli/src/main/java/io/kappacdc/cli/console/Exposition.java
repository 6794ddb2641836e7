package io.kappacdc.cli.console;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Figures as Prometheus' text format has them.
 *
 * @param series by the metric's name; at most {@value #SERIES_MAX} in all
 */
record Exposition(Map<String, List<Series>> series) {
  private static final int SERIES_MAX = 20_000;
  static final Exposition NONE = new Exposition(Map.of());

  /** A figure under its labels. */
  record Series(Map<String, String> labels, double value) {
    String label(String name) {
      return labels.getOrDefault(name, "");
    }
  }

  /** Reads the metrics whose names begin with {@code prefix}; skips lines that are none. */
  static Exposition parse(String text, String prefix) {
    Map<String, List<Series>> series = new HashMap<>();
    int count = 0;
    for (String line : (Iterable<String>) text.lines()::iterator) {
      if (line.startsWith(prefix) && count < SERIES_MAX && parse(line, series)) {
        count++;
      }
    }
    return new Exposition(series);
  }

  private static boolean parse(String line, Map<String, List<Series>> into) {
    int brace = line.indexOf('{');
    int nameEnd = brace < 0 ? line.indexOf(' ') : brace;
    if (nameEnd < 0) {
      return false;
    }
    Map<String, String> labels = new HashMap<>();
    int at = nameEnd;
    if (brace >= 0) {
      at = labels(line, brace + 1, labels);
    }
    String[] rest = at < 0 ? new String[0] : line.substring(at).trim().split(" ");
    if (rest.length == 0) {
      return false;
    }
    try {
      double value = number(rest[0]);
      into.computeIfAbsent(line.substring(0, nameEnd), name -> new ArrayList<>())
          .add(new Series(labels, value));
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** Reads {@code a="b",c="d"}} from a place on; gives the place behind it, or -1. */
  private static int labels(String line, int from, Map<String, String> into) {
    int at = from;
    while (at < line.length() && line.charAt(at) != '}') {
      int equals = line.indexOf("=\"", at);
      if (equals < 0) {
        return -1;
      }
      StringBuilder value = new StringBuilder();
      int c = equals + 2;
      while (c < line.length() && line.charAt(c) != '"') {
        if (line.charAt(c) == '\\' && c + 1 < line.length()) {
          c++;
          value.append(line.charAt(c) == 'n' ? '\n' : line.charAt(c));
        } else {
          value.append(line.charAt(c));
        }
        c++;
      }
      into.put(line.substring(at, equals), value.toString());
      at = c + 1;
      if (at < line.length() && line.charAt(at) == ',') {
        at++;
      }
    }
    return at + 1 <= line.length() ? at + 1 : -1;
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  List<Series> all(String name) {
    return series.getOrDefault(name, List.of());
  }

  /** The sum over the series with that label, or over all; NaN if there is none. */
  double sum(String name, String label, String value) {
    return all(name).stream()
        .filter(one -> label.isEmpty() || one.label(label).equals(value))
        .mapToDouble(Series::value)
        .reduce(Double::sum)
        .orElse(Double.NaN);
  }

  double sum(String name) {
    return sum(name, "", "");
  }
}
