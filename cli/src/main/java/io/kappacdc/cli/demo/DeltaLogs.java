package io.kappacdc.cli.demo;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** Looks into the logs of the Delta trail's tables on the local disk. */
record DeltaLogs(Path trail) {
  private static final String ADDED_FILE = "{\"add\":";

  /** When the first commit with rows came; nothing before that. */
  Optional<Instant> firstRows() throws IOException {
    Instant first = null;
    if (!Files.isDirectory(trail)) {
      return Optional.empty();
    }
    try (DirectoryStream<Path> tables = Files.newDirectoryStream(trail)) {
      for (Path table : tables) {
        Optional<Instant> commit = firstCommitWithRows(table.resolve("_delta_log"));
        if (commit.isPresent() && (first == null || commit.get().isBefore(first))) {
          first = commit.get();
        }
      }
    }
    return Optional.ofNullable(first);
  }

  private static Optional<Instant> firstCommitWithRows(Path log) throws IOException {
    for (long version = 0; ; version++) {
      Path commit = log.resolve("%020d.json".formatted(version));
      if (!Files.exists(commit)) {
        return Optional.empty();
      }
      if (Files.readString(commit).contains(ADDED_FILE)) {
        return Optional.of(Files.getLastModifiedTime(commit).toInstant());
      }
    }
  }
}
