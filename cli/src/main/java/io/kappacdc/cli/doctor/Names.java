package io.kappacdc.cli.doctor;

import java.util.List;

/** Lists of names for people. */
final class Names {
  private static final int NAMED_MAX = 5;

  private Names() {}

  /** The first of them, and how many more there are. */
  static String some(List<String> names) {
    String some = String.join(", ", names.subList(0, Math.min(NAMED_MAX, names.size())));
    int more = names.size() - NAMED_MAX;
    return more > 0 ? some + " and " + more + " more" : some;
  }

  /** A text as an identifier of SQL. */
  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** Bytes in the unit that fits. */
  static String bytes(long bytes) {
    if (bytes < 10L << 20) {
      return "%,d KiB".formatted(bytes >> 10);
    }
    return bytes < 10L << 30 ? "%,d MiB".formatted(bytes >> 20) : "%,d GiB".formatted(bytes >> 30);
  }
}
