package io.kappacdc.load.spec;

/** Which rows are updated, of those that are a connection's own, the oldest first. */
public sealed interface KeyChoice {
  KeyChoice UNIFORM = new Uniform();

  /** Every row is equally likely. */
  record Uniform() implements KeyChoice {}

  /** One row after the other. */
  record Sequential() implements KeyChoice {}

  /**
   * Few rows often: the one of rank r in proportion to 1 / r^exponent.
   *
   * @param exponent greater than 0
   */
  record Zipf(double exponent) implements KeyChoice {}

  /** Parses {@code uniform}, {@code sequential}, {@code zipf} or {@code zipf(0.99)}. */
  static KeyChoice parse(String text) {
    if (text.equals("uniform")) {
      return UNIFORM;
    } else if (text.equals("sequential")) {
      return new Sequential();
    } else if (text.equals("zipf")) {
      return new Zipf(0.99);
    }
    try {
      if (text.startsWith("zipf(") && text.endsWith(")")) {
        double exponent = Double.parseDouble(text.substring(5, text.length() - 1));
        if (exponent > 0 && exponent <= 5) {
          return new Zipf(exponent);
        }
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException("expected uniform, sequential, zipf or zipf(0.99)");
  }
}
