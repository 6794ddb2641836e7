package io.kappacdc.event.wire;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Names of the topics under a prefix. A table's topic is {@code <prefix>.<schema>.<table>};
 * characters of a name that Kafka has no room for, and {@code .} and {@code -}, are written as
 * {@code -} and two hexadecimal digits a UTF-8 byte, so that two tables never share a topic.
 *
 * @param prefix letters, digits and underscores
 */
public record TopicNames(String prefix) {
  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9_]{1,64}");
  private static final int LENGTH_MAX = 249;

  public TopicNames {
    if (!PREFIX.matcher(prefix).matches()) {
      throw new IllegalArgumentException("Topic prefix '" + prefix + "' is not " + PREFIX);
    }
  }

  /** The topic of a table, e.g. {@code pgsrc.public.fund_metadata}. */
  public String table(String schema, String table) {
    String name = prefix + '.' + escape(schema) + '.' + escape(table);
    return name.length() <= LENGTH_MAX ? name : shortened(name);
  }

  /** Table schemas by content id; compacted. */
  public String schemas() {
    return prefix + "-kappa-schemas";
  }

  /** Cuts; one partition. */
  public String cuts() {
    return prefix + "-kappa-cuts";
  }

  /** Capture's source offset; one partition, compacted. */
  public String offsets() {
    return prefix + "-kappa-offsets";
  }

  /** What capture remembers of tables; one partition, compacted. */
  public String tables() {
    return prefix + "-kappa-tables";
  }

  /** A regular expression that matches the topics of tables and no other topic. */
  public String tablePattern() {
    return Pattern.quote(prefix + ".") + ".+";
  }

  /**
   * A name with every character outside {@code [A-Za-z0-9_]} written as {@code -xx} a UTF-8 byte.
   */
  public static String escape(String name) {
    StringBuilder escaped = new StringBuilder(name.length() + 8);
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xFF);
      if (isPlain(c)) {
        escaped.append(c);
      } else {
        escaped.append('-').append(HexFormat.of().toHexDigits(b));
      }
    }
    return escaped.toString();
  }

  private static boolean isPlain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }

  private static String shortened(String name) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.US_ASCII));
      return name.substring(0, LENGTH_MAX - 33) + '-' + HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
