package io.kappacdc.stack;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The class path of the server processes, as the build wrote it: this module's own classes, and the
 * jars that only those processes may see.
 *
 * @param file where the build wrote it
 * @param own this module's classes, a directory or a jar
 * @param jars Kafka's server, PostgreSQL's programs and what unpacks them
 */
record ServerClassPath(Path file, Path own, List<Path> jars) {
  private static final String FILE_NAME = "server-classpath.txt";

  ServerClassPath {
    jars = List.copyOf(jars);
  }

  /**
   * Looks in the project that the system property {@code kappa.root} names; without it, beside this
   * module's own classes.
   */
  static ServerClassPath locate() {
    Path own = ownClasses();
    Path file = root(own).resolve("local-stack").resolve("target").resolve(FILE_NAME);
    if (!Files.isRegularFile(file)) {
      throw StackErrors.noServerClassPath(file);
    }
    try {
      List<Path> jars =
          List.of(Files.readString(file).strip().split(File.pathSeparator)).stream()
              .map(Path::of)
              .toList();
      return new ServerClassPath(file, own, jars);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The project's directory, under which {@code .kappa/binaries} is. */
  static Path root() {
    return root(ownClasses());
  }

  private static Path root(Path own) {
    String configured = System.getProperty("kappa.root");
    if (configured != null) {
      return Path.of(configured).toAbsolutePath().normalize();
    }
    // <root>/local-stack/target/classes or <root>/local-stack/target/local-stack.jar
    Path target = own.getParent();
    boolean inProject = target != null && target.endsWith(Path.of("local-stack", "target"));
    return inProject ? target.getParent().getParent() : Path.of("").toAbsolutePath();
  }

  private static Path ownClasses() {
    try {
      return Path.of(
          ServerClassPath.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** In the form the java command takes. */
  String asArgument() {
    var argument = new StringBuilder(own.toString());
    jars.forEach(jar -> argument.append(File.pathSeparator).append(jar));
    return argument.toString();
  }
}
