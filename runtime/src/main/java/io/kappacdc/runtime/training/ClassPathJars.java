package io.kappacdc.runtime.training;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** Loads classes without running any of them. */
public final class ClassPathJars {
  private static final String CLASS = ".class";

  private ClassPathJars() {}

  /**
   * Loads all classes of those jars on the class path whose file names begin with one of {@code
   * prefixes}. A class that cannot be loaded, since it needs a library that is not there, is left
   * out.
   *
   * @return how many were loaded
   * @throws IOException if a jar cannot be read
   */
  public static int load(Collection<String> prefixes) throws IOException {
    int loaded = 0;
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      String name = Path.of(entry).getFileName().toString();
      if (name.endsWith(".jar") && prefixes.stream().anyMatch(name::startsWith)) {
        loaded += load(entry);
      }
    }
    return loaded;
  }

  private static int load(String jar) throws IOException {
    List<String> names;
    try (JarFile file = new JarFile(jar)) {
      names =
          file.stream()
              .map(JarEntry::getName)
              .filter(name -> name.endsWith(CLASS) && !name.startsWith("META-INF/"))
              .filter(name -> !name.endsWith("-info" + CLASS))
              .map(name -> name.substring(0, name.length() - CLASS.length()).replace('/', '.'))
              .toList();
    }
    return (int) names.stream().filter(ClassPathJars::isLoaded).count();
  }

  private static boolean isLoaded(String name) {
    try {
      Class.forName(name, false, ClassLoader.getSystemClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }
}
