package io.kappacdc.processor.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file of the repository's {@code sql/sink} directory, which is part of this module's jar. */
final class SqlTemplate {
  /** Or a comment, in which a placeholder stays: a name with a line feed would end the comment. */
  private static final Pattern PLACEHOLDER = Pattern.compile("--.*|\\$\\{([a-z]+)}");

  private static final Pattern COMMENT = Pattern.compile("(?m)^ *--.*\\R");

  private final String text;

  private SqlTemplate(String text) {
    this.text = text;
  }

  static SqlTemplate read(String file) {
    try (InputStream in = SqlTemplate.class.getResourceAsStream("/sql/sink/" + file)) {
      if (in == null) {
        throw new IllegalStateException("The jar lacks sql/sink/" + file);
      }
      return new SqlTemplate(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without comments and the line feed at the end, as a part of another statement. */
  SqlTemplate bare() {
    return new SqlTemplate(COMMENT.matcher(text).replaceAll("").stripTrailing());
  }

  /**
   * The statements with the values of their placeholders, in one pass: a value is never looked
   * into.
   */
  String with(Map<String, String> values) {
    return PLACEHOLDER
        .matcher(text)
        .replaceAll(
            match -> {
              String value = match.group(1) == null ? null : values.get(match.group(1));
              return Matcher.quoteReplacement(value == null ? match.group() : value);
            });
  }
}
