package io.kappacdc.cli.supervise;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What a home directory holds, to be thrown away. */
final class HomeState {
  private HomeState() {}

  /**
   * Deletes everything below {@code directory} but the file {@code kept} in it; follows no link.
   */
  static void deleteExcept(Path directory, String kept) {
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : all) {
        if (!file.equals(directory) && !file.equals(directory.resolve(kept))) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
