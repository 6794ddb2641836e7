package io.kappacdc.cli.status;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The verdict that {@code kappa verify} left in {@code verification.json} last.
 *
 * @param verdict match, mismatch or not-verified
 */
public record LastVerdict(Instant endedAt, String verdict) {
  private static final String FILE = "verification.json";

  public static final String MATCH = "match";
  public static final String MISMATCH = "mismatch";

  /** Nothing if none was left, or the file is something else. */
  public static Optional<LastVerdict> read(Path home) {
    try {
      Object root =
          new Load(LoadSettings.builder().build())
              .loadFromString(Files.readString(home.resolve(FILE))); // JSON is YAML
      return root instanceof Map<?, ?> record && record.get("report") instanceof Map<?, ?> report
          ? Optional.of(
              new LastVerdict(
                  Instant.parse(String.valueOf(record.get("endedAt"))),
                  String.valueOf(report.get("verdict"))))
          : Optional.empty();
    } catch (IOException | YamlEngineException | DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
