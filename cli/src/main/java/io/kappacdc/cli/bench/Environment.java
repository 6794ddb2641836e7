package io.kappacdc.cli.bench;

import io.kappacdc.cli.config.Database;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a result depends on beside the program and its configuration.
 *
 * @param commit of the repository; with {@code +changes} if files differ from it
 * @param processor name of the CPU
 * @param cores that the JVM sees
 * @param memoryMebibytes of the machine
 * @param loadAverage of the minute before the run, the stack's start included; negative if unknown
 * @param versions of servers and libraries
 */
record Environment(
    String commit,
    String processor,
    int cores,
    long memoryMebibytes,
    String kernel,
    String java,
    double loadAverage,
    Map<String, String> versions) {
  private static final List<String> LIBRARIES =
      List.of(
          "spark-sql_2.12",
          "spark-sql-kafka-0-10_2.12",
          "delta-spark_2.12",
          "debezium-connector-postgres",
          "kafka-clients",
          "kafka_2.13");

  /** The class paths that the build wrote, of those that bring a library. */
  private static final List<String> CLASS_PATHS =
      List.of(
          "stream-processor/target/classpath.txt",
          "cdc-capture/target/classpath.txt",
          "local-stack/target/server-classpath.txt");

  static Environment read(Path root, Database source, Database sink) throws SQLException {
    Map<String, String> versions = new TreeMap<>();
    versions.put("postgresql-source", serverVersion(source));
    versions.put("postgresql-sink", serverVersion(sink));
    for (String classPath : CLASS_PATHS) {
      String module = classPath.replaceFirst("/.*", "");
      libraries(root.resolve(classPath)).forEach((k, v) -> versions.put(module + ":" + k, v));
    }
    return new Environment(
        commit(root),
        field(Path.of("/proc/cpuinfo"), "model name"),
        Runtime.getRuntime().availableProcessors(),
        Long.parseLong("0" + field(Path.of("/proc/meminfo"), "MemTotal").replaceAll("\\D", ""))
            / 1024,
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
        versions);
  }

  private static String serverVersion(Database database) throws SQLException {
    try (Connection connection = database.connect()) {
      return connection.getMetaData().getDatabaseProductVersion();
    }
  }

  static Map<String, String> libraries(Path classPath) {
    Map<String, String> found = new TreeMap<>();
    String jars = text(classPath);
    for (String library : LIBRARIES) {
      Matcher jar =
          Pattern.compile("/" + Pattern.quote(library) + "-([0-9][^/:]*)\\.jar").matcher(jars);
      if (jar.find()) {
        found.put(library, jar.group(1));
      }
    }
    return found;
  }

  private static String field(Path file, String name) {
    return text(file)
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).trim())
        .findFirst()
        .orElse("");
  }

  private static String text(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      return "";
    }
  }

  private static String commit(Path root) {
    return git(root, "rev-parse", "HEAD")
        .map(
            head ->
                git(root, "status", "--porcelain", "--untracked-files=no")
                    .map(changes -> changes.isBlank() ? head : head + "+changes")
                    .orElse(head))
        .orElse("unknown");
  }

  private static Optional<String> git(Path root, String... arguments) {
    try {
      String[] command = new String[arguments.length + 3];
      command[0] = "git";
      command[1] = "-C";
      command[2] = root.toString();
      System.arraycopy(arguments, 0, command, 3, arguments.length);
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0
          ? Optional.of(output)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // there is no git
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
