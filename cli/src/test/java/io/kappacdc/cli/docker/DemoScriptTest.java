package io.kappacdc.cli.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The walk-through, with a compose that only talks. */
class DemoScriptTest {
  @TempDir Path directory;
  private Path compose;

  /** What the script printed and how it ended. */
  private record Outcome(int exitCode, String text) {}

  /** Stores that show what was done at the source, except what LOST says. */
  @BeforeEach
  void talk() throws IOException {
    compose =
        Files.writeString(
            directory.resolve("compose"),
            """
            #!/bin/bash
            steps=$(dirname "$0")/steps
            rows() {
              echo place,op,fund_name,fund_price
              grep -q insert $steps && echo "trail,c,Harbour Bond Fund,101.50"
              grep -q update $steps && echo "trail,u,Harbour Bond Fund,103.25"
              grep -q delete $steps && echo "trail,d,,"
              true
            }
            case "$*" in
              *source*)
                sql=$(cat)
                case $sql in
                  *INSERT*) echo insert > $steps; echo 17 ;;
                  *UPDATE*) echo update >> $steps ;;
                  *DELETE*) echo delete >> $steps ;;
                esac
                [ "$LOST" != source ] ;;
              *sink*)
                if [ "$LOST" = trail ]; then rows | grep -v ',u,'; else rows; fi ;;
              *"kappa sql"*)
                [[ $* == *"fund_id = 17"* && ${*: -1} != -* ]] || exit 2
                rows
                if ! grep -q delete $steps || [ "$LOST" = mirror ]; then
                  if grep -q update $steps; then price=103.25; else price=101.50; fi
                  echo "mirror,,Harbour Bond Fund,$price"
                fi ;;
              *"kappa verify"*) echo verified; exit ${VERIFY:-0} ;;
              *health*) echo "${*: -1} works" ;;
            esac
            """);
    Files.setPosixFilePermissions(compose, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void showsEachStepAndVerifies() throws Exception {
    Outcome outcome = demo(Map.of());

    assertThat(outcome.exitCode()).as(outcome.text()).isZero();
    assertThat(outcome.text())
        .containsSubsequence(
            "Fund 17 inserted",
            "trail,c,Harbour Bond Fund,101.50",
            "mirror,,Harbour Bond Fund,101.50",
            "Fund 17 updated",
            "trail,u,Harbour Bond Fund,103.25",
            "mirror,,Harbour Bond Fund,103.25",
            "Fund 17 deleted",
            "trail,d,,",
            "verified");
  }

  @Test
  void failsWhenAStoreDoesNotShowAStepInTime() throws Exception {
    Outcome trail = demo(Map.of("LOST", "trail"));
    Outcome mirror = demo(Map.of("LOST", "mirror"));

    assertThat(trail.exitCode()).isEqualTo(1);
    assertThat(trail.text())
        .contains("problem: trail in PostgreSQL is not as expected after 2 seconds");
    assertThat(mirror.exitCode()).isEqualTo(1);
    assertThat(mirror.text())
        .contains("problem: trail and mirror in the lake is not as expected after 2 seconds");
  }

  @Test
  void handsOnWhatVerifyFound() throws Exception {
    assertThat(demo(Map.of("VERIFY", "1")).exitCode()).isEqualTo(1);
    assertThat(demo(Map.of("VERIFY", "2")).exitCode()).isEqualTo(2);
    assertThat(demo(Map.of("VERIFY", "1"), "--no-verify").exitCode()).isZero();
  }

  @Test
  void saysWhatIsMissing() throws Exception {
    Outcome source = demo(Map.of("LOST", "source"));
    Outcome option = demo(Map.of(), "--fast");
    Outcome help = demo(Map.of(), "--help");

    assertThat(source.exitCode()).isEqualTo(2);
    assertThat(source.text()).contains("problem: The source refused sql/demo/insert.sql");
    assertThat(option.exitCode()).isEqualTo(2);
    assertThat(help.exitCode()).isZero();
    assertThat(help.text()).startsWith("Follows one fund").doesNotContain("set -euo");
  }

  private Outcome demo(Map<String, String> environment, String... options) throws Exception {
    Path script = Path.of(System.getProperty("kappa.root"), "docker", "demo");
    List<String> command = new ArrayList<>(List.of("bash", script.toString()));
    command.addAll(List.of(options));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("COMPOSE", compose.toString());
    builder.environment().put("DEMO_PATIENCE", "2");
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Outcome(process.exitValue(), text);
  }
}
