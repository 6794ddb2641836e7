package io.kappacdc.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.runtime.KappaException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
