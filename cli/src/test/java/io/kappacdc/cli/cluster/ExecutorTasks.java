package io.kappacdc.cli.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What Spark's event log says of the tasks that executors did. */
final class ExecutorTasks {
  private static final Pattern TASK_END =
      Pattern.compile(
          "^\\{\"Event\":\"SparkListenerTaskEnd\".*\"Reason\":\"Success\".*\"Executor ID\":\"(\\w+)\".*");

  private final Path directory;

  ExecutorTasks(Path directory) {
    this.directory = directory;
  }

  /** The log, named after the application; empty before it is there. */
  Optional<Path> log() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.getFileName().toString().startsWith("app-")).findFirst();
    }
  }

  /** The executors of the tasks that went well, in the order of the tasks' ends. */
  List<String> done() throws IOException {
    Optional<Path> log = log();
    if (log.isEmpty()) {
      return List.of();
    }
    try (Stream<String> lines = Files.lines(log.get())) {
      return lines.map(TASK_END::matcher).filter(Matcher::matches).map(m -> m.group(1)).toList();
    }
  }

  /** How many executors there were, with those that are gone. */
  long executorsStarted() throws IOException {
    Optional<Path> log = log();
    if (log.isEmpty()) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(log.get())) {
      return lines.filter(line -> line.contains("\"SparkListenerExecutorAdded\"")).count();
    }
  }

  /** The executors that did anything. */
  Set<String> executors() throws IOException {
    return new TreeSet<>(done());
  }
}
