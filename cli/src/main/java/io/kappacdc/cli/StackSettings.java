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
import org.jspecify.annotations.Nullable;

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
          "lake.path",
          "processor.work-dir",
          "capture.http-address",
          "processor.http-address");

  private StackSettings() {}

  /** The stack that the user has configured. */
  static Supervisor.Settings configured(CommonOptions common, Map<String, String> flags) {
    // A stack file that a killed supervisor left must not count: its addresses are of the past.
    return settings(common.home(), common.configFile(), load(common, flags, common.home()));
  }

  /** A stack of embedded parts in a home of its own, tuned as the user has configured. */
  static Supervisor.Settings embedded(CommonOptions common, KappaHome home) {
    Map<String, String> values = load(common, Map.of(), home);
    Map<String, String> defaults = ConfigValues.of(places(new ConfigLoader(), home).load());
    for (String place : PLACES) {
      values.remove(place);
      if (defaults.containsKey(place)) {
        values.put(place, defaults.get(place));
      }
    }
    return settings(home, null, values);
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
    return values;
  }

  private static ConfigLoader places(ConfigLoader loader, KappaHome home) {
    return loader.flags(
        Map.of(
            "lake.path", home.resolve("lake").toString(),
            "processor.work-dir", home.resolve("processor").toString()));
  }

  private static Supervisor.Settings settings(
      KappaHome home, @Nullable Path configFile, Map<String, String> values) {
    return new Supervisor.Settings(home, values, configFile);
  }
}
