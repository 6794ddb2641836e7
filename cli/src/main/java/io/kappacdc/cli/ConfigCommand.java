package io.kappacdc.cli;

import io.kappacdc.cli.config.ConfigValues;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.ExitCode;
import io.kappacdc.runtime.config.ConfigReference;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kappa config}: every key, or what is in effect. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    description = "Print every configuration key with its default, or the values in effect.")
final class ConfigCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Option(
      names = "--effective",
      description =
          "Print the values in effect (running stack, file, environment); secrets are masked.")
  private boolean effective;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    var out = spec.commandLine().getOut();
    if (effective) {
      ConfigValues.masked(ConfigValues.of(common.load(Map.of())))
          .forEach((path, value) -> out.println(path + ": " + value));
    } else {
      out.print(ConfigReference.markdown());
    }
    out.flush();
    return ExitCode.OK;
  }
}
