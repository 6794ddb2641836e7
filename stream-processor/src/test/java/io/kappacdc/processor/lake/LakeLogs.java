package io.kappacdc.processor.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Damages the log of a lake table. */
final class LakeLogs {
  private LakeLogs() {}

  /** The positions that the table's commits recorded are lost. */
  static void forgetUserMetadata(String table) {
    try (Stream<Path> files = Files.list(Path.of(table, "_delta_log"))) {
      List<Path> commits = files.filter(file -> file.toString().endsWith(".json")).toList();
      for (Path file : commits) {
        String text = Files.readString(file).replace("\"userMetadata\"", "\"forgotten\"");
        Files.writeString(file, text);
        Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
