package io.kappacdc.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PeersMainTest {
  @TempDir private Path results;

  private String refusal(String... arguments) {
    StringWriter err = new StringWriter();
    CommandLine command = new CommandLine(new PeersMain(arguments)).setErr(new PrintWriter(err));
    assertThat(command.execute(arguments)).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(results).isEmptyDirectory();
    return err.toString();
  }

  private static Result run(String contender, boolean complete, double shortfall, long lost) {
    Result.Store store =
        new Result.Store("Kafka", 500, null, new Arrival.Correctness(1_000L, 0L, lost, 0, 0, 0));
    return new Result(
        contender, "drain", 1, 1_000, 20, Map.of(), 0, complete, shortfall, List.of(store), null);
  }

  @Test
  void aNameThatIsNoContendersIsRefused() {
    assertThat(refusal("lake", "--only=kappa,plane recipe", "--results=" + results))
        .contains(
            "There is no contender plane recipe on the side lake; there are kappa, Flink CDC to"
                + " Iceberg, plain recipe");
    assertThat(refusal("floors", "--only=kappa", "--results=" + results))
        .contains("on the side floors, which has none to choose from");
  }

  @Test
  void nothingToRunIsRefused() {
    assertThat(refusal("lake", "--rows=0", "--backlog=0", "--rates=0", "--results=" + results))
        .contains("Nothing is left to run");
  }

  @Test
  void aRunOfThisPipelineThatIsNotSoundFails() {
    assertThat(PeersMain.exitCode(List.of(run("kappa", true, 0.01, 0)))).isZero();
    assertThat(PeersMain.exitCode(List.of(run("kappa", false, 0, 0)))).isEqualTo(1);
    assertThat(PeersMain.exitCode(List.of(run("kappa", true, 0.02, 0)))).isEqualTo(1);
    assertThat(PeersMain.exitCode(List.of(run("kappa capture", true, 0, 1)))).isEqualTo(1);
  }

  @Test
  void aPeerMayBeWrongButMustRun() {
    assertThat(PeersMain.exitCode(List.of(run("plain recipe", true, 0, 1)))).isZero();
    assertThat(PeersMain.exitCode(List.of(Result.failed("plain recipe", "drain", 1, "no"))))
        .isEqualTo(1);
  }
}
