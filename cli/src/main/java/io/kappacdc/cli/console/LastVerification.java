package io.kappacdc.cli.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code kappa verify} found last in a home: it leaves a record there. */
final class LastVerification {
  private static final String FILE = "verification.json";
  private static final long BYTES_MAX = 2 << 20;

  private LastVerification() {}

  /** The record, with its time as {@code at}; without a report if there is none. */
  static Map<String, @Nullable Object> read(Path home) {
    Path file = home.resolve(FILE);
    try {
      if (Files.size(file) > BYTES_MAX) {
        return none("its record is larger than the console reads: " + file.getFileName());
      }
      Map<String, @Nullable Object> record = Json.readObject(Files.readAllBytes(file));
      record.put("at", Instant.parse(String.valueOf(record.get("endedAt"))).toEpochMilli());
      return record;
    } catch (NoSuchFileException e) {
      return none("");
    } catch (IOException | DateTimeParseException e) {
      return none("its record cannot be read: " + e.getMessage());
    }
  }

  private static Map<String, @Nullable Object> none(String problem) {
    return Json.object("report", null, "problem", problem);
  }
}
