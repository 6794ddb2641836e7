package io.kappacdc.runtime.config;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** What becomes of the values of some columns before they enter Kafka. */
public record ColumnConfig(
    @Key(
            doc =
                "Regular expression for the columns, as `schema.table.column`; it must match the whole"
                    + " name, in upper or lower case.")
        String match,
    @Key(doc = "`exclude`, `mask`, `hash` or `truncate`.") Policy policy,
    @Key(doc = "With `mask`: the text that stands for every value; `****` if not given.")
        @Nullable String text,
    @Key(doc = "With `truncate`: how many characters stay.") @Nullable Integer length) {
  private static final String MASK = "****";

  /** What is done to a value. */
  public enum Policy {
    EXCLUDE,
    MASK,
    HASH,
    TRUNCATE
  }

  public ColumnConfig {
    pattern(match);
    if (text != null && policy != Policy.MASK) {
      throw new IllegalArgumentException("text: only the policy mask has one");
    }
    if (text != null && text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("text: PostgreSQL has no text with the character NUL");
    }
    if (length != null && policy != Policy.TRUNCATE) {
      throw new IllegalArgumentException("length: only the policy truncate has one");
    }
    if (length == null && policy == Policy.TRUNCATE) {
      throw new IllegalArgumentException("length: is missing, the policy truncate needs it");
    }
  }

  /** The columns it is about, to be matched with {@code schema.table.column} as a whole. */
  public Pattern pattern() {
    return pattern(match);
  }

  private static Pattern pattern(String match) {
    try {
      return Pattern.compile(match, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "match: '" + match + "' is no regular expression: " + e.getDescription(), e);
    }
  }

  /** The text that stands for every value. */
  public String mask() {
    return text == null ? MASK : text;
  }
}
