package io.kappacdc.cli;

import io.kappacdc.runtime.KappaException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** A command that the launcher starts in a program of its own; listed here for the help. */
@Command
final class ElsewhereCommand implements Callable<Integer> {
  private final String description;

  ElsewhereCommand(String description) {
    this.description = description;
  }

  CommandLine commandLine() {
    CommandLine line = new CommandLine(this);
    line.getCommandSpec().usageMessage().description(description);
    line.setUnmatchedArgumentsAllowed(true);
    return line;
  }

  @Override
  public Integer call() {
    throw new KappaException(
        "This command does not run in this program",
        "it needs another class path",
        "Start it with the launcher, ./kappa.");
  }
}
