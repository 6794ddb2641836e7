package io.kappacdc.load.spec;

import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.StrictMap;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Where specs are found. */
public final class WorkloadSpecs {
  /** The specs that come with the program. */
  public static final List<String> SHIPPED =
      List.of("funds", "fund-tables", "iot", "ten-tables", "fifty-tables", "orders", "wide");

  private WorkloadSpecs() {}

  /**
   * The spec of that name, or in that file.
   *
   * @param nameOrFile one of {@link #SHIPPED}, or a path that ends in .yaml or .yml
   * @throws KappaException if there is none, or it has errors
   */
  public static WorkloadSpec load(String nameOrFile) {
    if (nameOrFile.endsWith(".yaml") || nameOrFile.endsWith(".yml")) {
      Path file = Path.of(nameOrFile);
      String name = String.valueOf(file.getFileName()).replaceFirst("\\.ya?ml$", "");
      return SpecReader.read(name, text(file));
    }
    if (!SHIPPED.contains(nameOrFile)) {
      throw new KappaException(
          "There is no workload " + nameOrFile,
          "it is none of " + String.join(", ", SHIPPED),
          "Name one of these, or a file that ends in .yaml.");
    }
    return SpecReader.read(nameOrFile, resource("/specs/" + nameOrFile + ".yaml"));
  }

  /**
   * Checks a spec for a load of so many connections, once more if it was changed since it was read.
   *
   * @throws io.kappacdc.runtime.config.ConfigException with every problem at once
   */
  public static void check(WorkloadSpec spec, int connections) {
    String label = "The workload " + spec.name();
    StrictMap root = StrictMap.parse(label, "{}");
    SpecChecks.check(spec, root, connections);
    root.finish(label);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new KappaException(
          "The workload cannot be read", "there is no file " + file, "Check the path.", e);
    } catch (IOException e) {
      throw new KappaException(
          "The workload cannot be read",
          file + ": " + e.getMessage(),
          "Check that it is a text file in UTF-8 that you may read.",
          e);
    }
  }

  /** SQL of {@code sql/source} that comes with the program. */
  public static String schemaFile(String name) {
    return resource("/sql/source/" + name);
  }

  private static String resource(String path) {
    try (InputStream in = WorkloadSpecs.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new KappaException(
            "The workload cannot be read",
            "the program has no " + path.substring(1),
            "Check the name in the spec; a whole build has all that is shipped.");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
