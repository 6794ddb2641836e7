package io.kappacdc.cli.status;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * How often capture has read all tables anew, as it says in {@code capture-status.json}.
 *
 * @param begun 0 if never
 * @param whole how many of them are complete
 * @param reason why the last one was due; empty if none was
 */
public record Resnapshots(long begun, long whole, String reason) {
  private static final String FILE = "capture-status.json";
  private static final Resnapshots NONE = new Resnapshots(0, 0, "");

  /** None if no capture has written the file, or it is something else. */
  public static Resnapshots read(Path home) {
    try {
      String text = Files.readString(home.resolve(FILE));
      Object root = new Load(LoadSettings.builder().build()).loadFromString(text); // JSON is YAML
      return root instanceof Map<?, ?> status && status.get("resnapshots") instanceof Map<?, ?> told
          ? of(told)
          : NONE;
    } catch (IOException | YamlEngineException e) {
      return NONE; // none yet, of another version, or half gone
    }
  }

  private static Resnapshots of(Map<?, ?> told) {
    long count = told.get("count") instanceof Number number ? number.longValue() : 0;
    boolean isWhole = told.get("wholeFromLsn") instanceof String;
    String reason = told.get("lastReason") instanceof String text ? text : "";
    return new Resnapshots(count, isWhole ? count : Math.max(0, count - 1), reason);
  }
}
