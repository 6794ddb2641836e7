package io.kappacdc.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.runtime.KappaException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

class CliTest {
  @TempDir Path directory;

  @Command(name = "failing")
  static final class Failing implements Callable<Integer> {
    @Mixin CommonOptions common;

    @Override
    public Integer call() {
      throw new KappaException("It broke", "of this", "Do that");
    }
  }

  @Test
  void errorsAreProblemCauseRemedyWithoutAStackTrace() {
    StringWriter err = new StringWriter();
    CommandLine line = Cli.commandLine(new Failing()).setErr(new PrintWriter(err));

    int exitCode = line.execute();

    assertThat(exitCode).isEqualTo(ExitCode.FAILED);
    assertThat(err.toString().lines())
        .containsExactly("problem: It broke", "cause:   of this", "remedy:  Do that");
  }

  @Test
  void debugShowsTheStackTrace() {
    StringWriter err = new StringWriter();
    Cli.commandLine(new Failing()).setErr(new PrintWriter(err)).execute("--debug");

    assertThat(err.toString()).contains("at io.kappacdc");
  }

  @Test
  void unknownOptionExitsWithTwo() {
    StringWriter err = new StringWriter();
    int exitCode =
        Cli.commandLine(new Failing()).setErr(new PrintWriter(err)).execute("--nonsense");

    assertThat(exitCode).isEqualTo(ExitCode.NOT_DONE);
    assertThat(err.toString()).contains("--nonsense");
  }

  @Test
  void whatATerminalGetsHasNoControlCharactersOfOthers() {
    StringWriter err = new StringWriter();
    CommandLine line =
        new CommandLine(new Failing())
            .setErr(new PrintWriter(err))
            .setOut(new PrintWriter(new StringWriter()));
    Cli.forTerminal(line);

    line.getErr().println("a\u001b[2Jb\u0085\tc\u00e4");

    assertThat(err.toString()).isEqualTo("a\\u001b[2Jb\\u0085\tc\u00e4" + System.lineSeparator());
  }

  @OperatorAction(shows = {"--table", "--all"})
  @Command(name = "acting", mixinStandardHelpOptions = true)
  static final class Acting implements Callable<Integer> {
    @Mixin CommonOptions common;

    @Option(names = "--table")
    List<String> tables = List.of();

    @Option(names = "--key")
    String key = "";

    @Option(names = "--all")
    boolean all;

    @Override
    public Integer call() {
      if (key.equals("unknown")) {
        throw new KappaException("There is none", "unknown is not there", "Name another.");
      }
      return ExitCode.NOT_DONE;
    }
  }

  private List<String> account(String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of("--home=" + directory));
    all.addAll(List.of(arguments));
    Cli.commandLine(new Acting())
        .setErr(new PrintWriter(new StringWriter()))
        .setOut(new PrintWriter(new StringWriter()))
        .execute(all.toArray(String[]::new));
    Path file = directory.resolve("logs/actions.log");
    return Files.exists(file)
        ? Files.readAllLines(file).stream().map(line -> line.substring(line.indexOf(' '))).toList()
        : List.of();
  }

  @Test
  void whatAnOperatorDoesIsAccountedForWithItsOutcomeAndWithoutValuesOfRows() throws Exception {
    String user = System.getProperty("user.name");
    String start = " by=%s action=acting about=".formatted(user);

    assertThat(account("--table=a", "--table=b\n by=\"x", "--key=secret", "--all"))
        .containsExactly(
            start + "\"--table=a,b\\u000a by=\\\"x --all\" outcome=started",
            start + "\"--table=a,b\\u000a by=\\\"x --all\" outcome=\"ended with code 2\"");
    assertThat(account("--key=unknown"))
        .hasSize(4)
        .endsWith(start + "all outcome=started", start + "all outcome=failed");
  }

  @Test
  void commandsThatChangeNothingAndHelpAreNotInTheAccount() throws Exception {
    Cli.commandLine(new Failing())
        .setErr(new PrintWriter(new StringWriter()))
        .execute("--home=" + directory);

    assertThat(account("--help")).isEmpty();
  }

  @Test
  void anAccountThatCannotBeWrittenIsSaidAndStopsNothing() throws Exception {
    StringWriter err = new StringWriter();
    Files.writeString(directory.resolve("file"), "");

    int exitCode =
        Cli.commandLine(new Acting())
            .setErr(new PrintWriter(err))
            .execute("--home=" + directory.resolve("file"));

    assertThat(exitCode).isEqualTo(ExitCode.NOT_DONE);
    assertThat(err.toString()).contains("the account of actions cannot be written");
  }

  @Test
  void findsTheRunningStackThroughItsHome() {
    io.kappacdc.runtime.KappaHome home = new io.kappacdc.runtime.KappaHome(directory);
    home.writeStack(
        ProcessHandle.current().pid(), Map.of("source.url", "jdbc:\"x\\", "sink.user", "u"));
    CommonOptions options =
        CommandLine.populateCommand(new CommonOptions(), "--home", "" + directory);

    assertThat(options.load(Map.of()).source().url()).isEqualTo("jdbc:\"x\\");
    assertThat(options.load(Map.of("sink.user", "flag")).sink().user()).isEqualTo("flag");

    home.removeStack();
    assertThat(options.load(Map.of()).source().url()).isNull();
  }
}
