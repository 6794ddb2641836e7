package io.kappacdc.cli;

import io.kappacdc.cli.config.ConfigValues;
import io.kappacdc.cli.config.DatabaseUrl;
import io.kappacdc.cli.supervise.Supervisor;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.config.ConfigLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a stack is to be made of, from file, environment and flags. */
final class StackSettings {
  /** Where the parts are that a demo brings along. */
  static final List<String> PLACES =
      List.of(
          "source.url",
          "source.user",
          "source.password",
          "sink.url",
          "sink.user",
          "sink.password",
          "kafka.bootstrap-servers",
          "kafka.properties",
          "kafka.properties-file",
          "lake.path",
          "processor.work-dir",
          "capture.http-address",
          "processor.http-address");

  /** What is said about tables that a demo does not have. */
  private static final List<String> OF_TABLES =
      List.of("capture.columns", "capture.transforms", "capture.hash-key", "capture.hash-key-file");

  private StackSettings() {}

  /** The stack that the user has configured. */
  static Supervisor.Settings configured(CommonOptions common, Map<String, String> flags) {
    // A stack file that a killed supervisor left must not count: its addresses are of the past.
    return new Supervisor.Settings(common.home(), load(common, flags, common.home()));
  }

  /** A stack of embedded parts in a home of its own, tuned as the user has configured. */
  static Supervisor.Settings embedded(CommonOptions common, KappaHome home) {
    Map<String, String> values = load(common, Map.of(), home);
    Map<String, String> defaults = ConfigValues.of(places(new ConfigLoader(), home).load());
    values.keySet().removeAll(OF_TABLES);
    for (String place : PLACES) {
      values.remove(place);
      if (defaults.containsKey(place)) {
        values.put(place, defaults.get(place));
      }
    }
    return new Supervisor.Settings(home, values);
  }

  private static Map<String, String> load(
      CommonOptions common, Map<String, String> flags, KappaHome home) {
    ConfigLoader loader = places(new ConfigLoader(), home);
    if (common.configFile() != null) {
      loader.file(common.configFile());
    }
    Map<String, String> values =
        new TreeMap<>(ConfigValues.of(loader.environment(System.getenv()).flags(flags).load()));
    DatabaseUrl.normalize(values, "source");
    DatabaseUrl.normalize(values, "sink");
    // Other commands of this home are not bound to run in the same directory.
    for (String file : List.of("capture.hash-key-file", "kafka.properties-file")) {
      values.computeIfPresent(file, (path, name) -> Path.of(name).toAbsolutePath().toString());
    }
    return values;
  }

  private static ConfigLoader places(ConfigLoader loader, KappaHome home) {
    return loader.flags(
        Map.of(
            "lake.path", home.resolve("lake").toString(),
            "processor.work-dir", home.resolve("processor").toString()));
  }
}
