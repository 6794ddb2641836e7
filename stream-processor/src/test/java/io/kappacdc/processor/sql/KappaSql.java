package io.kappacdc.processor.sql;

import io.kappacdc.runtime.cli.Cli;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** Runs {@code kappa sql} with a configuration of its own. */
final class KappaSql {
  private KappaSql() {}

  /** What the command printed, and how it ended. */
  record Outcome(int exitCode, String out, String err) {}

  /** Makes {@code directory} the home of a stack with this lake. */
  static void configure(Path directory, String lake) throws IOException {
    Files.writeString(directory.resolve("kappa.yaml"), "lake: {path: \"%s\"}\n".formatted(lake));
  }

  static Outcome run(Path directory, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        Cli.commandLine(new SqlCommand()).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    List<String> all =
        new ArrayList<>(
            List.of(
                "--home",
                directory.toString(),
                "--config",
                directory.resolve("kappa.yaml").toString(),
                "--format",
                "csv"));
    all.addAll(List.of(arguments));
    int exitCode = line.execute(all.toArray(String[]::new));
    return new Outcome(exitCode, out.toString(), err.toString());
  }
}
