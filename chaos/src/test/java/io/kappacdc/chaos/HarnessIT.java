package io.kappacdc.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.chaos.agent.Mutation;
import io.kappacdc.chaos.report.JsonReport;
import io.kappacdc.chaos.report.Outcome;
import io.kappacdc.chaos.report.RunReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The harness as it is called: a run that must go well, and runs that must not. */
class HarnessIT {
  private static final Path ROOT = Path.of(System.getProperty("kappa.root"));
  private static final Duration RUN_MAX = Duration.ofMinutes(40);

  /** Some two minutes on two idle cores, start and verification included. */
  private static final int FAULTS = 5;

  private static final long SEED = 20;

  /** A mutation shows at the first fault most times; not each is hit at the right moment. */
  private static final int FAULTS_OF_A_MUTATION_MAX = 8;

  /** Transactions a second: two cores keep up with them, servers and the harness beside them. */
  private static final int RATE = 60;

  @TempDir Path directory;

  record Run(int exitCode, String output, RunReport report) {}

  private Run run(String... arguments) throws IOException, InterruptedException {
    Path json = directory.resolve("report.json");
    Path log = directory.resolve("run.log");
    List<String> command = new ArrayList<>(List.of(ROOT.resolve("kappa").toString(), "chaos"));
    command.addAll(List.of("--home", directory.resolve("home").toString()));
    command.addAll(List.of("--json", json.toString()));
    command.addAll(List.of("--rate", Integer.toString(RATE)));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("KAPPA_BUILD", "never");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    try {
      assertThat(process.waitFor(RUN_MAX.toSeconds(), TimeUnit.SECONDS)).as("ended").isTrue();
    } finally {
      process.destroy();
      process.waitFor();
    }
    String output = Files.readString(log, StandardCharsets.UTF_8);
    System.out.println(output); // seed and table, for who reads the build's log
    assertThat(json).as(output).exists();
    return new Run(
        process.exitValue(), output, JsonReport.read(json.toString(), Files.readString(json)));
  }

  @Test
  void aSeededScheduleOfFaultsIsSurvivedWithNothingLostAndNothingTwice() throws Exception {
    Run run =
        run(
            "--seed",
            Long.toString(SEED),
            "--faults",
            Integer.toString(FAULTS),
            "--verify-every",
            "1000",
            "--patience",
            "900");

    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(run.output())
        .contains("Seed " + SEED + ", ", "Every fault was survived; nothing was lost")
        .contains("| fault ", "| all ");
    assertThat(run.report().outcomes()).hasSize(FAULTS);
    assertThat(run.report().isRight()).isTrue();
    assertThat(run.report().total().lost() + run.report().total().duplicated()).isZero();
    assertThat(run.report().happened()).isGreaterThan(FAULTS / 2);
    assertThat(run.report().cuts()).isPositive();
    assertThat(run.report().verifications()).isPositive();
  }

  @ParameterizedTest
  @EnumSource(names = {"OFFSET_EARLY", "LEDGER_DROPPED", "GUARD_SKIPPED"})
  void aMechanismThatIsBrokenIsNoticed(Mutation mutation) throws Exception {
    Run run =
        run(
            "--seed",
            Long.toString(seed(mutation)),
            "--faults",
            Integer.toString(FAULTS_OF_A_MUTATION_MAX),
            "--mutation",
            mutation.label(),
            "--only",
            String.join(",", mutation.faults()),
            "--verify-every",
            "1000",
            "--patience",
            "120");

    assertThat(run.exitCode()).as(run.output()).isEqualTo(1);
    assertThat(run.output())
        .contains("with the mutation " + mutation.label(), "Not survived: fault", "To repeat it:");
    Outcome failure = run.report().firstFailure().orElseThrow();
    assertThat(String.join("\n", failure.findings())).as(run.output()).contains(finding(mutation));
  }

  /** One whose first faults show the mutation: the one of guards, by columns that become wider. */
  private static long seed(Mutation mutation) {
    return mutation == Mutation.GUARD_SKIPPED ? 192 : 1;
  }

  /** What the account must say. */
  private static String finding(Mutation mutation) {
    return switch (mutation) {
      case OFFSET_EARLY -> " lost {";
      case LEDGER_DROPPED, GUARD_SKIPPED -> " duplicated {";
      default -> throw new IllegalArgumentException(mutation.label());
    };
  }
}
