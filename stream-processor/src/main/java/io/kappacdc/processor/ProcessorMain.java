package io.kappacdc.processor;

import io.kappacdc.processor.sql.SqlCommand;
import io.kappacdc.processor.types.TypesCommand;
import io.kappacdc.processor.verify.VerifyCommand;
import io.kappacdc.runtime.cli.Cli;
import picocli.CommandLine.Command;

/** Entry point of every command that needs Spark; also the main class for spark-submit. */
@Command(
    name = "kappa",
    mixinStandardHelpOptions = true,
    subcommands = {
      ProcessCommand.class,
      ReplayCommand.class,
      VerifyCommand.class,
      SqlCommand.class,
      QuarantineCommand.class,
      EraseCommand.class,
      TypesCommand.class
    })
public final class ProcessorMain {
  private ProcessorMain() {}

  public static void main(String[] arguments) {
    int exitCode = Cli.execute(new ProcessorMain(), arguments);
    System.out.flush();
    System.err.flush();
    System.exit(exitCode);
  }
}
