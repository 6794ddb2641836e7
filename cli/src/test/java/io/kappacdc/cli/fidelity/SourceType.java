package io.kappacdc.cli.fidelity;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A type that columns of random tables have.
 *
 * @param sql the type as in CREATE TABLE
 * @param values texts that its input function takes (nearly all of them; what it refuses is no row)
 * @param keyable whether it can be part of a primary key
 */
record SourceType(String sql, Values values, boolean keyable) {
  /** Makes texts of a type. */
  @FunctionalInterface
  interface Values {
    String next(Random random);

    /** Half of the values from a list of those that others got wrong. */
    static Values mostly(Values others, String... edges) {
      return random ->
          random.nextBoolean() ? edges[random.nextInt(edges.length)] : others.next(random);
    }

    static Values oneOf(String... edges) {
      return random -> edges[random.nextInt(edges.length)];
    }
  }

  static SourceType key(String sql, Values values) {
    return new SourceType(sql, values, true);
  }

  static SourceType plain(String sql, Values values) {
    return new SourceType(sql, values, false);
  }

  /** A type of another name with the same values, such as a domain. */
  SourceType named(String name) {
    return new SourceType(name, values, keyable);
  }

  /** Arrays of this type: with nulls, of several dimensions, with other lower bounds, empty. */
  SourceType array() {
    String delimiter = sql.equals("box") ? ";" : ",";
    return new SourceType(sql + "[]", random -> array(random, delimiter), keyable);
  }

  private String array(Random random, String delimiter) {
    int dimensions = random.nextInt(8) == 0 ? 0 : 1 + Math.max(0, random.nextInt(6) - 3);
    if (dimensions == 0) {
      return "{}";
    }
    int[] sizes = new int[dimensions];
    StringBuilder bounds = new StringBuilder();
    boolean bounded = random.nextInt(4) == 0;
    for (int i = 0; i < dimensions; i++) {
      sizes[i] = 1 + random.nextInt(3);
      int low = random.nextInt(7) - 3;
      bounds.append('[').append(low).append(':').append(low + sizes[i] - 1).append(']');
    }
    return (bounded ? bounds + "=" : "") + elements(random, delimiter, sizes, 0);
  }

  private String elements(Random random, String delimiter, int[] sizes, int depth) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < sizes[depth]; i++) {
      if (depth + 1 < sizes.length) {
        parts.add(elements(random, delimiter, sizes, depth + 1));
      } else {
        parts.add(random.nextInt(6) == 0 ? "NULL" : quoted(values.next(random)));
      }
    }
    return '{' + String.join(delimiter, parts) + '}';
  }

  /** Ranges of this type under the name of a range type. */
  SourceType range(String name) {
    return new SourceType(name, this::range, true);
  }

  private String range(Random random) {
    String value = quoted(values.next(random));
    return switch (random.nextInt(7)) {
      case 0 -> "empty";
      case 1 -> "(,)";
      case 2 -> "(," + value + ")";
      case 3 -> "[" + value + ",)";
      case 4 -> "(," + value + "]";
      default -> "[" + value + "," + value + "]";
    };
  }

  /** Multiranges of this range type. */
  SourceType multirange(String name) {
    return new SourceType(
        name,
        random ->
            switch (random.nextInt(4)) {
              case 0 -> "{}";
              case 1 -> "{" + values.next(random) + "," + values.next(random) + "}";
              default -> "{" + values.next(random) + "}";
            },
        true);
  }

  /** Composite values of these types under a composite type's name. */
  static SourceType composite(String name, SourceType... fields) {
    Values values =
        random -> {
          List<String> parts = new ArrayList<>();
          for (SourceType field : fields) {
            parts.add(random.nextInt(4) == 0 ? "" : quoted(field.values().next(random)));
          }
          return '(' + String.join(",", parts) + ')';
        };
    return new SourceType(name, values, false);
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
