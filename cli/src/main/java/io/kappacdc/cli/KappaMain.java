package io.kappacdc.cli;

import io.kappacdc.runtime.cli.Cli;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of the commands that need neither Spark nor Debezium. */
@Command(
    name = "kappa",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Streams every committed change of a PostgreSQL database into a PostgreSQL trail and a Delta"
          + " Lake, and proves it.",
      ""
    },
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Every command has --help. State is kept in ./.kappa; --home DIR chooses another place."
    },
    synopsisSubcommandLabel = "COMMAND")
public final class KappaMain {
  private KappaMain() {}

  public static void main(String[] arguments) {
    int exitCode = commandLine().execute(arguments);
    System.out.flush();
    System.err.flush();
    System.exit(exitCode);
  }

  /** All commands in the order of a first day's use. */
  static CommandLine commandLine() {
    Map<String, Object> commands = new LinkedHashMap<>();
    commands.put("demo", new DemoCommand());
    commands.put("up", new UpCommand());
    commands.put("status", new StatusCommand());
    commands.put("console", new ConsoleCommand());
    commands.put("doctor", new DoctorCommand());
    commands.put(
        "verify", new ElsewhereCommand("Compare the source with the mirror and both trails."));
    commands.put("sql", new ElsewhereCommand("Run SQL over the lake."));
    commands.put("types", new ElsewhereCommand("Show per table and column what arrives as what."));
    commands.put(
        "snapshot", new ElsewhereCommand("Read a table's rows again while everything streams on."));
    commands.put("load", new ElsewhereCommand("Change rows at the source at a given rate."));
    commands.put("bench", new BenchCommand());
    commands.put(
        "replay", new ElsewhereCommand("Go through the topics once more, or rebuild the sinks."));
    commands.put(
        "quarantine", new ElsewhereCommand("List records that cannot be read, or try them again."));
    commands.put("erase", new ElsewhereCommand("Remove a person's row from every store."));
    commands.put("config", new ConfigCommand());
    commands.put("capture", new ElsewhereCommand("One role alone: the write-ahead log to Kafka."));
    commands.put("process", new ElsewhereCommand("One role alone: Kafka to the sinks."));

    CommandLine kappa = Cli.commandLine(new KappaMain());
    commands.forEach(
        (name, command) ->
            kappa.addSubcommand(
                name, command instanceof ElsewhereCommand e ? e.commandLine() : command));
    // Commands added here do not inherit what was set before.
    CommandLine reference = Cli.commandLine(new ConfigCommand());
    kappa.setExecutionExceptionHandler(reference.getExecutionExceptionHandler());
    kappa.setCaseInsensitiveEnumValuesAllowed(true);
    return kappa;
  }
}
