package io.kappacdc.load.sql;

import java.util.SplittableRandom;

/**
 * Text cut out of a stock that is made once, so that a long value costs no more than its copy. Not
 * thread-safe.
 */
final class RandomText {
  private static final int STOCK = 1 << 20;
  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  private static final String[] WORDS = {
    "growth",
    "value",
    "bond",
    "income",
    "global",
    "Größe",
    "Índice",
    "株式",
    "balanced",
    "equity",
    "fonds",
    "naïve",
    "risk",
    "yield",
    "index",
    "Σ"
  };
  private static final long SEED = 20_260_101;

  private static final String NOISE = noise();
  private static final String PROSE = prose();

  private RandomText() {}

  private static String noise() {
    SplittableRandom random = new SplittableRandom(SEED);
    StringBuilder text = new StringBuilder(STOCK);
    while (text.length() < STOCK) {
      text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return text.toString();
  }

  private static String prose() {
    SplittableRandom random = new SplittableRandom(SEED);
    StringBuilder text = new StringBuilder(STOCK);
    while (text.length() < STOCK) {
      text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
    }
    return text.toString();
  }

  /** Characters that hardly compress. */
  static String noise(int length, SplittableRandom random) {
    return cut(NOISE, length, random);
  }

  /** Words, cut anywhere. */
  static String words(int length, SplittableRandom random) {
    return cut(PROSE, length, random);
  }

  private static String cut(String stock, int length, SplittableRandom random) {
    if (length <= STOCK / 2) {
      int start = random.nextInt(stock.length() - length);
      return stock.substring(start, start + length);
    }
    StringBuilder text = new StringBuilder(length);
    while (text.length() < length) {
      text.append(cut(stock, Math.min(STOCK / 2, length - text.length()), random));
    }
    return text.toString();
  }
}
