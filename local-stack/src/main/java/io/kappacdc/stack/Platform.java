package io.kappacdc.stack;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What differs between operating systems. */
final class Platform {
  private static final String OS = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);

  private Platform() {}

  static boolean isWindows() {
    return OS.startsWith("windows");
  }

  static boolean isLinux() {
    return OS.startsWith("linux");
  }

  static String executable(String name) {
    return isWindows() ? name + ".exe" : name;
  }

  /** A program of the search path. */
  static Optional<String> find(String program) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(java.io.File.pathSeparator))
        .filter(directory -> !directory.isBlank())
        .map(directory -> Path.of(directory, program))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }

  /** The program that runs this very JVM. */
  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", executable("java")).toString();
  }
}
