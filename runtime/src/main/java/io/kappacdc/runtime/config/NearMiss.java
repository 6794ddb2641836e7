package io.kappacdc.runtime.config;

import java.util.Arrays;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** What somebody who wrote an unknown name probably meant. */
final class NearMiss {
  private NearMiss() {}

  /** The end of a message about an unknown name: empty, or the known name that is nearest. */
  static String suggestion(String given, Collection<String> known) {
    String nearest = nearest(given, known);
    return nearest == null ? "" : "; did you mean " + nearest + "?";
  }

  private static @Nullable String nearest(String given, Collection<String> known) {
    String nearest = null;
    int best = Math.max(2, given.length() / 4) + 1;
    for (String candidate : known) {
      int distance = distance(given, candidate);
      if (distance < best) {
        best = distance;
        nearest = candidate;
      }
    }
    return nearest;
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substitution, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
