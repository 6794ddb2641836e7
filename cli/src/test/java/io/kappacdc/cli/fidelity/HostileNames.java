package io.kappacdc.cli.fidelity;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/**
 * Names that try to become something else than names: SQL in PostgreSQL and Spark, JSON, YAML,
 * paths, formats, log lines. What they would do if they succeeded is seen by a verification.
 */
final class HostileNames {
  private static final int BYTES_MAX = 58; // what is left of PostgreSQL's 63 is for a number
  private static final int PARTS_MAX = 4;
  private static final String QUOTES = "\"'`";

  private static final List<String> PARTS =
      List.of(
          "\"; DROP SCHEMA kappa CASCADE; --",
          "'; DROP SCHEMA fidelity CASCADE; --",
          "'); DELETE FROM kappa.ledger; --",
          "`; DROP TABLE x; --",
          "$$; TRUNCATE kappa.tables; $$",
          "\" OR \"\" = \"",
          "' OR '1'='1",
          "/*",
          "*/",
          "--",
          "\\",
          "\\'",
          "\\\"",
          "\u0001",
          "\n",
          "\r\n\t",
          "?",
          ":a",
          "$1",
          "${env:HOME}",
          "#{1}",
          "%s%n%d",
          "{\"a\": [",
          "}]",
          "../../..",
          "/etc/passwd",
          "file:///",
          "C:\\",
          "*",
          "<script>alert(1)</script>",
          "&amp;",
          "key=value,",
          "_kappa",
          "__HIVE_DEFAULT_PARTITION__",
          "é\u0301",
          "\u202e",
          "\ud83d\ude00",
          "İ",
          ".",
          " ",
          "A");

  private final Random random;

  HostileNames(long seed) {
    this.random = new Random(~seed);
  }

  /**
   * A name with this at its end, which tells it from others; of some, quotation marks of a kind are
   * around it.
   */
  String next(String end) {
    StringBuilder name = new StringBuilder();
    for (int parts = 1 + random.nextInt(PARTS_MAX); parts > 0; parts--) {
      String part = PARTS.get(random.nextInt(PARTS.size()));
      if ((name + part + end).getBytes(StandardCharsets.UTF_8).length <= BYTES_MAX) {
        name.append(part);
      }
    }
    name.append(end);
    int around = random.nextInt(4 * QUOTES.length());
    if (around < QUOTES.length()) {
      name.insert(0, QUOTES.charAt(around)).append(QUOTES.charAt(around));
    }
    // A trail has columns of its own that begin so, and refuses others.
    return name.indexOf("_kappa_") == 0 ? "of" + name : name.toString();
  }
}
