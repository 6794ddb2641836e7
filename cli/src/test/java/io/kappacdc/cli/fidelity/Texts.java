package io.kappacdc.cli.fidelity;

import java.util.HexFormat;
import java.util.Random;

/** Random texts and documents. */
final class Texts {
  private static final String[] PIECES = {
    "a",
    "Z",
    "0",
    " ",
    "  ",
    "'",
    "\"",
    "\\",
    "\\\\",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\b",
    "\f",
    "\u0001",
    "\u001f",
    "\u007f",
    "\u0085",
    "\u00a0",
    "\u2028",
    "\u2029",
    "\ufeff",
    "\ufffd",
    "\uffff",
    "ü",
    "u\u0308",
    "ß",
    "İ",
    "ı",
    "Ǆ",
    "中",
    "🙂",
    "👩\u200d👩\u200d👧",
    "\ud834\udd1e",
    "\udbff\udfff",
    "\u202e",
    "\\N",
    "\\.",
    "NULL",
    "null",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ",",
    ";",
    ":",
    "$",
    "%s",
    "?",
    "`",
    "--",
    "/*",
    "e1",
    "-0",
    "1.0",
    "NaN",
    "infinity",
    "<&>",
    "\\u0000",
    "\\x00",
    "__debezium_unavailable_value"
  };

  private Texts() {}

  /** Any Unicode but U+0000, often short, up to {@code max} characters. */
  static String text(Random random, int max) {
    int pieces = random.nextInt(10) == 0 ? random.nextInt(200) : random.nextInt(6);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < pieces; i++) {
      text.append(
          random.nextInt(5) == 0 ? codePoint(random) : PIECES[random.nextInt(PIECES.length)]);
    }
    int length = text.codePointCount(0, text.length());
    return length <= max ? text.toString() : text.substring(0, text.offsetByCodePoints(0, max));
  }

  private static String codePoint(Random random) {
    int point;
    do {
      int bits = new int[] {7, 11, 16, 20}[random.nextInt(4)];
      point = 1 + random.nextInt((1 << bits) - 1);
    } while (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
    return Character.toString(point);
  }

  /** A text that PostgreSQL keeps out of line, since it cannot be compressed. */
  static String large(Random random) {
    return hex(random, 1500 + random.nextInt(6000));
  }

  static String hex(Random random, int bytes) {
    byte[] value = new byte[bytes];
    random.nextBytes(value);
    return HexFormat.of().formatHex(value);
  }

  /** A JSON document with blanks, doubled keys and numbers that are no doubles. */
  static String json(Random random, int depth) {
    return switch (random.nextInt(depth > 3 ? 5 : 8)) {
      case 0 -> "null";
      case 1 -> random.nextBoolean() ? "true" : " false ";
      case 2 ->
          new String[] {"0", "-0", "1.10", "1e400", "-1E-400", "12345678901234567890.123456789012"}
              [random.nextInt(6)];
      case 3, 4 -> jsonText(random);
      case 5 -> "[ " + json(random, depth + 1) + ",  " + json(random, depth + 1) + "]";
      case 6 -> random.nextBoolean() ? "[]" : "{ }";
      default ->
          "{\"b\" :\t"
              + json(random, depth + 1)
              + ",\""
              + (random.nextBoolean() ? "b" : "aa")
              + "\":"
              + json(random, depth + 1)
              + "}";
    };
  }

  private static String jsonText(Random random) {
    StringBuilder json = new StringBuilder("\"");
    for (char c : text(random, 50).toCharArray()) {
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append("\\u00").append(HexFormat.of().toHexDigits((byte) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }
}
