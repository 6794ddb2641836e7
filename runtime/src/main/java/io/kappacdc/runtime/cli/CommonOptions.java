package io.kappacdc.runtime.cli;

import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.config.ConfigLoader;
import io.kappacdc.runtime.config.KappaConfig;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that every subcommand has; a picocli mixin. */
public final class CommonOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "kappa.yaml for all roles; any key can be overridden from the environment.")
  private @Nullable Path configFile;

  @Option(
      names = "--home",
      paramLabel = "DIR",
      defaultValue = ".kappa",
      description = "Directory of the stack's state (default: ${DEFAULT-VALUE}).")
  private Path home = Path.of(".kappa");

  @Option(names = "--debug", description = "Show stack traces of errors.")
  private boolean debug;

  public KappaHome home() {
    return new KappaHome(home);
  }

  public @Nullable Path configFile() {
    return configFile;
  }

  public boolean debug() {
    return debug;
  }

  /**
   * The effective configuration.
   *
   * @param flags values of the command's own flags by configuration path
   * @throws io.kappacdc.runtime.config.ConfigException with every problem at once
   */
  public KappaConfig load(Map<String, String> flags) {
    KappaHome kappaHome = home();
    ConfigLoader loader =
        new ConfigLoader()
            .flags(
                Map.of(
                    "lake.path", kappaHome.resolve("lake").toString(),
                    "processor.work-dir", kappaHome.resolve("processor").toString()));
    if (kappaHome.runningSupervisor().isPresent()) {
      loader.file(kappaHome.stackFile());
    }
    if (configFile != null) {
      loader.file(configFile);
    }
    return loader.environment(System.getenv()).flags(flags).load();
  }
}
