package io.kappacdc.processor.postgres;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which PostgreSQL type holds every value of which other, with the same text; a {@code numeric} of
 * a greater scale shows them with further zeros, as the source itself does after such a change.
 */
final class TypeWidening {
  private static final Pattern TYPE =
      Pattern.compile("([a-z \"_.]+?)(?:\\(([0-9,-]+)\\))?( with(?:out)? time zone)?");
  private static final List<String> INTEGERS = List.of("smallint", "integer", "bigint");

  private TypeWidening() {}

  /** Whether a column of type {@code wide} takes every value of type {@code narrow} as it is. */
  static boolean holds(String wide, String narrow) {
    if (wide.equals(narrow) || wide.equals("text")) {
      return true;
    }
    Matcher wideParts = TYPE.matcher(wide.toLowerCase(Locale.ROOT));
    Matcher narrowParts = TYPE.matcher(narrow.toLowerCase(Locale.ROOT));
    if (!wideParts.matches() || !narrowParts.matches()) {
      return false;
    }
    String wideName = wideParts.group(1) + suffix(wideParts);
    String narrowName = narrowParts.group(1) + suffix(narrowParts);
    int wideInteger = INTEGERS.indexOf(wideName);
    int narrowInteger = INTEGERS.indexOf(narrowName);
    if (narrowInteger >= 0) {
      return wideInteger > narrowInteger
          || (wideName.equals("numeric") && wideParts.group(2) == null);
    }
    if (!wideName.equals(narrowName)) {
      return false;
    }
    return wideParts.group(2) == null
        || (narrowParts.group(2) != null
            && holdsModifier(wideName, wideParts.group(2), narrowParts.group(2)));
  }

  private static String suffix(Matcher type) {
    return type.group(3) == null ? "" : type.group(3);
  }

  private static boolean holdsModifier(String name, String wide, String narrow) {
    if (name.equals("numeric")) {
      int[] wideParts = precisionAndScale(wide);
      int[] narrowParts = precisionAndScale(narrow);
      int wideDigits = wideParts[0] - wideParts[1];
      int narrowDigits = narrowParts[0] - narrowParts[1];
      return wideParts[1] >= narrowParts[1] && wideDigits >= narrowDigits;
    }
    return switch (name) {
      case "character varying", "bit varying" -> Long.parseLong(wide) >= Long.parseLong(narrow);
      default -> name.contains("time") && Long.parseLong(wide) >= Long.parseLong(narrow);
    };
  }

  private static int[] precisionAndScale(String modifier) {
    String[] parts = modifier.split(",");
    return new int[] {
      Integer.parseInt(parts[0].trim()), parts.length > 1 ? Integer.parseInt(parts[1].trim()) : 0
    };
  }
}
