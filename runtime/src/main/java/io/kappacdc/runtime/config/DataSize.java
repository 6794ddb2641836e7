package io.kappacdc.runtime.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, written {@code 64MiB}, {@code 512KiB}, {@code 2GiB} or {@code 100B}. */
public record DataSize(long bytes) {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,12})\\s*(B|KIB|MIB|GIB)");

  /**
   * Parses the text form.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static DataSize parse(String text) {
    Matcher matcher = TEXT.matcher(text.trim().toUpperCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException("expected a size such as 64MiB, 512KiB, 2GiB or 100B");
    }
    int shift =
        switch (matcher.group(2)) {
          case "KIB" -> 10;
          case "MIB" -> 20;
          case "GIB" -> 30;
          default -> 0;
        };
    return new DataSize(Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift));
  }

  public long mebibytes() {
    return bytes >> 20;
  }
}
