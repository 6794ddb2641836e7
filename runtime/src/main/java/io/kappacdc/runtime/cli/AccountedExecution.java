package io.kappacdc.runtime.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/** Runs a command, with begin and end in the account if it is an {@link OperatorAction}. */
final class AccountedExecution implements IExecutionStrategy {
  private final IExecutionStrategy strategy = new RunLast();

  @Override
  public int execute(ParseResult parsed) {
    ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    CommandSpec command = last.commandSpec();
    OperatorAction action = command.userObject().getClass().getAnnotation(OperatorAction.class);
    Optional<CommonOptions> options = commonOptions(command);
    boolean isHelp = last.isUsageHelpRequested() || last.isVersionHelpRequested();
    if (action == null
        || isHelp
        || options.isEmpty()
        || System.getenv(ActionAccount.KEPT_BY_CALLER) != null) {
      return strategy.execute(parsed);
    }
    ActionAccount account = new ActionAccount(options.get().home(), Clock.systemUTC());
    Entry entry = new Entry(account, command, about(last, action));
    entry.add("started");
    String outcome = "failed";
    try {
      int exitCode = strategy.execute(parsed);
      outcome = "ended with code " + exitCode;
      return exitCode;
    } finally {
      entry.add(outcome);
    }
  }

  private static Optional<CommonOptions> commonOptions(CommandSpec command) {
    return command.mixins().values().stream()
        .map(CommandSpec::userObject)
        .filter(CommonOptions.class::isInstance)
        .map(CommonOptions.class::cast)
        .findFirst();
  }

  private static String about(ParseResult parsed, OperatorAction action) {
    List<String> shown = new ArrayList<>();
    for (String option : action.shows()) {
      if (parsed.hasMatchedOption(option)) {
        ArgSpec matched = parsed.matchedOption(option);
        shown.add(option + (matched.arity().max() == 0 ? "" : "=" + value(matched)));
      }
    }
    return String.join(" ", shown);
  }

  private static String value(ArgSpec option) {
    return String.join(",", option.originalStringValues());
  }

  /** An action under way. */
  private record Entry(ActionAccount account, CommandSpec command, String about) {
    void add(String outcome) {
      String name = command.qualifiedName(" ").replaceFirst("^kappa ", "");
      try {
        account.add(System.getProperty("user.name", "?"), name, about, outcome);
      } catch (IOException e) {
        CommandLine line = command.commandLine();
        PrintWriter err = line.getErr();
        err.println("kappa: the account of actions cannot be written: " + e.getMessage());
        err.flush();
      }
    }
  }
}
