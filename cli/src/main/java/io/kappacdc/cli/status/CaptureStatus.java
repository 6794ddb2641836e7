package io.kappacdc.cli.status;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * What capture last said about itself in {@code capture-status.json}.
 *
 * @param writtenMillis when, in milliseconds since 1970
 * @param phase STARTING, SNAPSHOT, STREAMING, RETRYING, STOPPED or FAILED
 * @param attempts sessions since the process started
 * @param snapshotRows rows that the snapshot of this session has read
 * @param slot null if it was not measured
 * @param unread tables that are read while the others stream, or should be
 * @param waitsFor what at the source it waits for; empty if it does not
 * @param lastError empty if there was none
 * @param httpUrl where it serves metrics and health; empty if it does not
 */
public record CaptureStatus(
    long writtenMillis,
    String phase,
    long attempts,
    long snapshotRows,
    @Nullable Slot slot,
    Resnapshots resnapshots,
    List<Unread> unread,
    String waitsFor,
    String lastError,
    String httpUrl) {
  private static final String FILE = "capture-status.json";

  /**
   * What the slot costs the source.
   *
   * @param growthBytesPerSecond of the log it holds; negative while it shrinks
   * @param leftBytes until the server or a limit gives the slot up; null if nothing does
   * @param leftSeconds at this growth; null if it does not grow towards a limit
   * @param warning empty if all is well
   */
  public record Slot(
      long heldBytes,
      long unconfirmedBytes,
      long growthBytesPerSecond,
      @Nullable Long leftBytes,
      @Nullable Long leftSeconds,
      String warning) {}

  /**
   * How often all tables were read anew because changes had been lost.
   *
   * @param wholeFromLsn from where on the topics have everything again; empty until they do
   */
  public record Resnapshots(long count, String lastReason, long lastMillis, String wholeFromLsn) {}

  /**
   * A table of which the topics lack rows, or that is read again.
   *
   * @param rows so many are read
   * @param refused why no more are read; empty if they are
   */
  public record Unread(String table, long rows, String refused) {}

  /** Nothing if no capture has written the file, or it is something else. */
  public static Optional<CaptureStatus> read(Path home) {
    Path file = home.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      Object root =
          new Load(LoadSettings.builder().build())
              .loadFromString(Files.readString(file)); // JSON is YAML
      return root instanceof Map<?, ?> status ? Optional.of(of(status)) : Optional.empty();
    } catch (IOException | YamlEngineException | ClassCastException e) {
      return Optional.empty(); // of another version, or half gone
    }
  }

  private static CaptureStatus of(Map<?, ?> status) {
    Map<?, ?> resnapshots = status.get("resnapshots") instanceof Map<?, ?> map ? map : Map.of();
    return new CaptureStatus(
        number(status, "writtenMillis"),
        text(status, "phase"),
        number(status, "attempts"),
        number(status, "snapshotRows"),
        status.get("slot") instanceof Map<?, ?> slot ? slot(slot) : null,
        new Resnapshots(
            number(resnapshots, "count"),
            text(resnapshots, "lastReason"),
            number(resnapshots, "lastMillis"),
            text(resnapshots, "wholeFromLsn")),
        unread(status),
        text(status, "waitsFor"),
        text(status, "lastError"),
        text(status, "httpUrl"));
  }

  private static List<Unread> unread(Map<?, ?> status) {
    if (!(status.get("unread") instanceof List<?> tables)) {
      return List.of();
    }
    return tables.stream()
        .map(table -> (Map<?, ?>) table)
        .map(
            table ->
                new Unread(text(table, "table"), number(table, "rows"), text(table, "refused")))
        .toList();
  }

  private static Slot slot(Map<?, ?> slot) {
    return new Slot(
        number(slot, "heldBytes"),
        number(slot, "unconfirmedBytes"),
        number(slot, "growthBytesPerSecond"),
        slot.containsKey("leftBytes") ? (Long) number(slot, "leftBytes") : null,
        slot.containsKey("leftSeconds") ? (Long) number(slot, "leftSeconds") : null,
        text(slot, "warning"));
  }

  private static String text(Map<?, ?> map, String key) {
    return map.get(key) instanceof String text ? text : "";
  }

  private static long number(Map<?, ?> map, String key) {
    return map.get(key) instanceof Number number ? number.longValue() : 0;
  }

  /** Whether it does its work, as far as it says itself. */
  public boolean isWorking() {
    return !phase.equals("FAILED") && !phase.equals("RETRYING") && !phase.equals("STOPPED");
  }
}
