package io.kappacdc.load;

import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Shares of inserts, updates and deletes; any positive total. */
public record Mix(int inserts, int updates, int deletes) {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,6})/(\\d{1,6})/(\\d{1,6})");

  /** What happens to a row. */
  public enum Kind {
    INSERT,
    UPDATE,
    DELETE
  }

  public Mix {
    if (inserts < 0 || updates < 0 || deletes < 0 || inserts + updates + deletes == 0) {
      throw new IllegalArgumentException("expected shares from 0 with a positive total");
    }
  }

  /**
   * Parses {@code inserts/updates/deletes}, for instance {@code 60/30/10}.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Mix parse(String text) {
    Matcher matcher = TEXT.matcher(text.trim());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("expected inserts/updates/deletes such as 60/30/10");
    }
    return new Mix(
        Integer.parseInt(matcher.group(1)),
        Integer.parseInt(matcher.group(2)),
        Integer.parseInt(matcher.group(3)));
  }

  /** Draws one kind. */
  public Kind pick(RandomGenerator random) {
    int drawn = random.nextInt(inserts + updates + deletes);
    if (drawn < inserts) {
      return Kind.INSERT;
    }
    return drawn < inserts + updates ? Kind.UPDATE : Kind.DELETE;
  }

  @Override
  public String toString() {
    return inserts + "/" + updates + "/" + deletes;
  }
}
