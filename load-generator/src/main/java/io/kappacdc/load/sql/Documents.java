package io.kappacdc.load.sql;

import java.util.SplittableRandom;

/** JSON documents as devices send them: many named values, nested. */
final class Documents {
  private static final int FIELDS_PER_LEVEL = 10;
  private static final String[] STATES = {"ok", "warm", "fault", "idle"};

  private Documents() {}

  /** A document with so many values that are no objects, up to ten in each object. */
  static String of(int fields, SplittableRandom random) {
    StringBuilder json = new StringBuilder(fields * 24);
    object(json, fields, 0, random);
    return json.toString();
  }

  private static void object(StringBuilder json, int fields, int first, SplittableRandom random) {
    json.append('{');
    if (fields <= FIELDS_PER_LEVEL) {
      for (int i = 0; i < fields; i++) {
        field(json, first + i, random);
        json.append(i + 1 < fields ? "," : "");
      }
    } else {
      int groups = Math.min(FIELDS_PER_LEVEL, (fields + FIELDS_PER_LEVEL - 1) / FIELDS_PER_LEVEL);
      int from = 0;
      for (int i = 0; i < groups; i++) {
        int to = (int) ((i + 1L) * fields / groups);
        json.append("\"group").append(i).append("\":");
        object(json, to - from, first + from, random);
        json.append(i + 1 < groups ? "," : "");
        from = to;
      }
    }
    json.append('}');
  }

  private static void field(StringBuilder json, int number, SplittableRandom random) {
    json.append("\"sensor").append(number).append("\":");
    switch (number % 5) {
      case 0 -> json.append(random.nextInt(-5_000, 15_000) / 100.0);
      case 1 -> json.append(random.nextInt(100_000));
      case 2 -> json.append('"').append(STATES[random.nextInt(STATES.length)]).append('"');
      case 3 -> json.append(random.nextBoolean());
      default ->
          json.append("{\"value\":").append(random.nextInt(1_000)).append(",\"unit\":\"°C\"}");
    }
  }
}
