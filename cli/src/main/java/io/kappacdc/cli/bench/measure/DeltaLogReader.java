package io.kappacdc.cli.bench.measure;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Follows the logs of all Delta tables in a directory. A version exists from the moment its file
 * does, which the file system has the time of; that a reader sees it then is what looking for it
 * shows. For one thread.
 */
public final class DeltaLogReader implements Watch.Look {
  private static final long LOOK_FOR_TABLES_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Path tables;
  private final Stage committed;
  private final Stage seen;
  private final Map<Path, Long> nextVersions = new HashMap<>();
  private long lookForTablesAt = System.nanoTime();
  private boolean isFirstLook = true;
  private long commits;
  private long files;

  /**
   * @param tables the directory that has the tables
   * @param committed gets the time that each version's file has
   * @param seen gets the time that this reader saw it
   */
  public DeltaLogReader(Path tables, Stage committed, Stage seen) {
    this.tables = tables;
    this.committed = committed;
    this.seen = seen;
  }

  /** The directory of a lake's tables; the lake must be on a local disk. */
  public static Path localDirectory(String lakePath, String tables) {
    if (lakePath.matches("[a-z0-9]{2,}:.*") && !lakePath.startsWith("file:")) {
      throw MeasureErrors.lakeElsewhere(lakePath);
    }
    return Path.of(lakePath.replaceFirst("^file:(//)?", ""), tables);
  }

  @Override
  public void look() throws IOException {
    if (System.nanoTime() >= lookForTablesAt) {
      lookForTables();
      isFirstLook = false;
      lookForTablesAt = System.nanoTime() + LOOK_FOR_TABLES_NANOS;
    }
    for (Map.Entry<Path, Long> table : nextVersions.entrySet()) {
      Path commit = file(table.getKey(), table.getValue());
      while (Files.exists(commit)) {
        note(commit, Watch.nowMicros());
        table.setValue(table.getValue() + 1);
        commit = file(table.getKey(), table.getValue());
      }
    }
  }

  private static Path file(Path log, long version) {
    return log.resolve("%020d.json".formatted(version));
  }

  private void note(Path commit, long nowMicros) throws IOException {
    long committedMicros = Files.getLastModifiedTime(commit).to(TimeUnit.MICROSECONDS);
    DeltaCommit content = DeltaCommit.read(commit);
    commits++;
    files += content.files();
    content
        .nextOffsets()
        .forEach(
            (partition, next) -> {
              committed.reached(partition, committedMicros, next);
              seen.reached(partition, nowMicros, next);
            });
  }

  /** Tables that are there at first are followed from their newest version on, new ones wholly. */
  private void lookForTables() throws IOException {
    if (!Files.isDirectory(tables)) {
      return;
    }
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(tables)) {
      for (Path table : directories) {
        Path log = table.resolve("_delta_log");
        if (!nextVersions.containsKey(log) && Files.isDirectory(log)) {
          nextVersions.put(log, isFirstLook ? newest(log) : 0);
        }
      }
    }
  }

  private static long newest(Path log) throws IOException {
    long newest = 0;
    try (DirectoryStream<Path> commits = Files.newDirectoryStream(log, "*.json")) {
      for (Path commit : commits) {
        String name = commit.getFileName().toString();
        if (name.matches("\\d{20}\\.json")) {
          newest = Math.max(newest, Long.parseLong(name.substring(0, 20)));
        }
      }
    }
    return newest;
  }

  /** Versions followed so far. */
  public long commits() {
    return commits;
  }

  /** Data files that they added. */
  public long files() {
    return files;
  }
}
