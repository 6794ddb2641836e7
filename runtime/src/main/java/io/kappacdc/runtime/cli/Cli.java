package io.kappacdc.runtime.cli;

import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.ConfigException;
import java.io.PrintWriter;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Help;

/** Runs a picocli command with the project's exit codes and error format. */
public final class Cli {
  private Cli() {}

  /** The command line of {@code command}, ready to execute or to have its streams set. */
  public static CommandLine commandLine(Object command) {
    CommandLine commandLine = new CommandLine(command);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    if (System.console() != null) {
      forTerminal(commandLine);
    }
    commandLine.setExecutionStrategy(new AccountedExecution());
    commandLine.setExecutionExceptionHandler(
        (e, line, parsed) -> {
          boolean debug = parsed.originalArgs().contains("--debug");
          report(e, debug, line.getErr());
          return e instanceof ConfigException ? ExitCode.NOT_DONE : ExitCode.FAILED;
        });
    return commandLine;
  }

  /** What goes elsewhere, to files and programs, is exact. */
  static void forTerminal(CommandLine commandLine) {
    commandLine.setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF)); // whose codes are controls
    commandLine.setOut(new PrintWriter(new TerminalWriter(commandLine.getOut()), true));
    commandLine.setErr(new PrintWriter(new TerminalWriter(commandLine.getErr()), true));
  }

  /** Executes {@code command} and returns the exit code. */
  public static int execute(Object command, String... arguments) {
    return commandLine(command).execute(arguments);
  }

  /** Prints an error as problem, cause and remedy. */
  public static void report(Throwable error, boolean withStackTrace, PrintWriter err) {
    if (error instanceof KappaException known) {
      err.println("problem: " + known.problem());
      err.println("cause:   " + known.reason());
      err.println("remedy:  " + known.remedy());
    } else {
      err.println("problem: " + summary(error));
      err.println(
          "cause:   "
              + (error.getCause() == null ? "unexpected error" : summary(error.getCause())));
      err.println(
          "remedy:  run it again with --debug for the stack trace, and report it if it stays");
    }
    if (withStackTrace) {
      error.printStackTrace(err);
    }
    err.flush();
  }

  private static String summary(Throwable error) {
    String message = error.getMessage();
    return error.getClass().getSimpleName()
        + (message == null ? "" : ": " + Arrays.stream(message.split("\n")).findFirst().orElse(""));
  }
}
