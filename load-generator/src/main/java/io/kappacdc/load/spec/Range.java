package io.kappacdc.load.spec;

import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whole numbers, both ends included; {@code 5..15} or {@code 100}. */
public record Range(long from, long to) {
  private static final Pattern TEXT = Pattern.compile("(-?\\d{1,18})(?:\\.\\.(-?\\d{1,18}))?");

  public Range {
    if (to < from) {
      throw new IllegalArgumentException("expected a range that does not end before it begins");
    }
  }

  /**
   * Parses {@code from..to} or one number.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Range parse(String text) {
    Matcher matcher = TEXT.matcher(text.replace("_", ""));
    if (!matcher.matches()) {
      throw new IllegalArgumentException("expected a number or a range such as 5..15");
    }
    long from = Long.parseLong(matcher.group(1));
    return new Range(from, matcher.group(2) == null ? from : Long.parseLong(matcher.group(2)));
  }

  /** One that lies within bounds. */
  static Range parseWithin(String text, long min, long max) {
    Range range = parse(text);
    if (range.from < min || range.to > max) {
      throw new IllegalArgumentException("expected numbers from " + min + " to " + max);
    }
    return range;
  }

  public long pick(RandomGenerator random) {
    return from == to ? from : random.nextLong(from, to + 1);
  }

  public double mean() {
    return (from + (double) to) / 2;
  }

  @Override
  public String toString() {
    return from == to ? Long.toString(from) : from + ".." + to;
  }
}
