package io.kappacdc.chaos.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The Delta tables below one directory, by the name of their source table in schema public. */
final class DeltaTables {
  private static final String SCHEMA = "public.";

  private final Path directory;
  private final Map<String, DeltaLogTail> tables = new TreeMap<>();

  DeltaTables(Path directory) {
    this.directory = directory;
  }

  Map<String, DeltaLogTail> all() throws IOException {
    if (Files.isDirectory(directory)) {
      try (Stream<Path> children = Files.list(directory)) {
        for (Path child : (Iterable<Path>) children::iterator) {
          String name = child.getFileName().toString();
          if (name.startsWith(SCHEMA)) {
            tables.computeIfAbsent(name.substring(SCHEMA.length()), any -> new DeltaLogTail(child));
          }
        }
      }
    }
    return tables;
  }
}
