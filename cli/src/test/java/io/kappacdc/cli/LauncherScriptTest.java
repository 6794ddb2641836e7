package io.kappacdc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher script in a copy of the project's layout, with a java and an mvn that only talk. */
class LauncherScriptTest {
  private static final List<String> MODULES =
      List.of(
          "events",
          "runtime",
          "telemetry",
          "local-stack",
          "cdc-capture",
          "stream-processor",
          "load-generator",
          "cli");

  @TempDir Path directory;
  private Path root;
  private Path bin;

  /** What the script printed and how it ended. */
  private record Outcome(int exitCode, String out, String err) {}

  @BeforeEach
  void layOut() throws IOException {
    root = Files.createDirectory(directory.resolve("project with blanks"));
    bin = Files.createDirectory(directory.resolve("bin"));
    Path script = Path.of(System.getProperty("kappa.root"), "kappa");
    Files.copy(script, root.resolve("kappa"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.writeString(
        root.resolve("pom.xml"),
        "<spark.jvm.options>-Dspark</spark.jvm.options>\n"
            + "<gatling.jvm.options>-Dgatling</gatling.jvm.options>");
    Files.createDirectory(root.resolve("sql"));
    for (String module : MODULES) {
      Path sources = Files.createDirectories(root.resolve(module).resolve("src/main"));
      Files.writeString(sources.resolve("A.java"), "");
      Files.writeString(root.resolve(module).resolve("pom.xml"), "");
    }
    program(
        "java",
        """
        if [ "$1" = -version ]; then echo 'openjdk version "17.0.1" 2021' >&2; exit; fi
        for option; do
          case $option in -XX:ArchiveClassesAtExit=*)
            echo "java $*" >> training-calls
            if [ -e training-fails ]; then exit 1; fi
            echo classes > "${option#*=}"
            exit
            ;;
          esac
        done
        echo "java $*"
        exit 7
        """);
    program(
        "mvn",
        """
        echo "mvn $*" >> mvn-calls
        for m in events runtime telemetry local-stack cdc-capture stream-processor load-generator cli; do
          mkdir -p $m/target
          touch $m/target/$m-0.1.0-SNAPSHOT.jar
          echo jars-of-$m > $m/target/classpath.txt
        done
        touch local-stack/target/server-classpath.txt
        """);
  }

  @Test
  void buildsWhatIsMissingAndSaysSoAndOnlyOnce() throws Exception {
    Outcome first = run("status");
    Outcome second = run("status");

    assertThat(first.err()).contains("kappa: building", "kappa: archiving classes");
    assertThat(second.err()).isEmpty();
    assertThat(mavenCalls()).hasSize(1);
    assertThat(mavenCalls().get(0)).contains("-DskipTests").endsWith("package");
  }

  @Test
  void buildsAgainWhenASourceIsNewer() throws Exception {
    run("status");
    Files.setLastModifiedTime(
        root.resolve("events/src/main/A.java"), FileTime.from(Instant.now().plusSeconds(5)));

    run("status");

    assertThat(mavenCalls()).hasSize(2);
  }

  @Test
  void eachCommandRunsItsOwnProgramAndHandsItsExitCodeOn() throws Exception {
    run("status");

    Outcome capture = run("capture", "--home", "a b");
    Outcome verify = run("verify", "--table", "t");
    Outcome load = run("load", "--rate", "5");
    Outcome other = run("status", "--json");

    assertThat(capture.exitCode()).isEqualTo(7);
    assertThat(capture.out())
        .contains(
            "-Xmx512m",
            root
                + "/cdc-capture/target/cdc-capture-0.1.0-SNAPSHOT.jar:jars-of-cdc-capture"
                + " io.kappacdc.capture.CaptureMain --home a b");
    assertThat(verify.out())
        .contains("-Dspark", "-Xmx2g", "io.kappacdc.processor.ProcessorMain verify --table t");
    assertThat(load.out())
        .contains("-Dgatling", "io.kappacdc.load.gatling.LoadMain --rate 5")
        .doesNotContain("-Dspark");
    assertThat(other.out())
        .contains("-Dkappa.root=" + root, "io.kappacdc.cli.KappaMain status --json")
        .doesNotContain("-Dspark");
  }

  @Test
  void startsFromTheArchiveOfABuildsClassesAndMakesItOnce() throws Exception {
    run("status");

    String archive = root + "/stream-processor/target/classes.jsa";
    assertThat(run("sql", "SELECT 1").out()).contains("-XX:SharedArchiveFile=" + archive + " ");
    assertThat(run("status").out()).doesNotContain("SharedArchiveFile");
    assertThat(trainingCalls()).hasSize(2).anyMatch(call -> call.contains("-Dspark"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "KAPPA_ARCHIVE=never",
        "KAPPA_PROCESSOR_OPTS=-javaagent:a.jar",
        "JAVA_TOOL_OPTIONS=-agentpath:/agent.so",
        "JDK_JAVA_OPTIONS=-Da=b -agentlib:jdwp",
        "KAPPA_PROCESSOR_OPTS=-Da=b -XX:StartFlightRecording:maxage=1h",
      })
  void leavesTheArchiveOutWhereAnAgentMayLookAtClasses(String variable) throws Exception {
    run("status");

    assertThat(run("process").out()).contains("-XX:SharedArchiveFile=");
    assertThat(run(List.of(variable), "process").out()).doesNotContain("SharedArchiveFile");
  }

  @Test
  void makesTheArchivesAnewForOtherJarsAndWhenToldTo() throws Exception {
    run("status");
    Files.setLastModifiedTime(
        root.resolve("stream-processor/target/stream-processor-0.1.0-SNAPSHOT.jar"),
        FileTime.from(Instant.now().plusSeconds(5)));

    run(List.of("KAPPA_BUILD=never"), "status");
    assertThat(trainingCalls()).hasSize(2);
    run("status");
    assertThat(trainingCalls()).hasSize(4);
    assertThat(run(List.of("KAPPA_BUILD=never"), "archive-classes").exitCode()).isZero();
    assertThat(trainingCalls()).hasSize(6);
  }

  @Test
  void doesWithoutAnArchiveThatCannotBeMade() throws Exception {
    Files.writeString(directory.resolve("training-fails"), "");

    Outcome first = run("status");
    Outcome second = run("sql", "SELECT 1");

    assertThat(first.err())
        .contains("kappa: no archive of the classes of stream-processor; it starts as ever");
    assertThat(second.exitCode()).isEqualTo(7);
    assertThat(second.out()).doesNotContain("SharedArchiveFile");
    assertThat(second.err()).isEmpty();
    assertThat(trainingCalls()).hasSize(2);
  }

  @Test
  void takesTheHeapFromTheKeyOfTheConfiguration() throws Exception {
    run("status");

    assertThat(run(List.of("KAPPA_PROCESSOR_HEAP=3072MiB"), "process").out()).contains("-Xmx3072m");
    Outcome wrong = run(List.of("KAPPA_CAPTURE_HEAP=plenty"), "capture");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).contains("problem: Cannot set the size of the heap", "'plenty'");
  }

  @Test
  void saysWhichJavaIsNeeded() throws Exception {
    program("java", "echo 'openjdk version \"1.8.0_392\"' >&2");

    Outcome old = run("status");

    assertThat(old.exitCode()).isEqualTo(2);
    assertThat(old.err())
        .contains("problem: This Java is too old", "is version 8, 17 is needed", "remedy:  ");
  }

  @Test
  void withoutABuildItSaysWhatIsMissing() throws Exception {
    Outcome never = run(List.of("KAPPA_BUILD=never"), "status");

    assertThat(never.exitCode()).isEqualTo(2);
    assertThat(never.err()).contains("problem: The module cli is not built");
    assertThat(root.resolve("mvn-calls")).doesNotExist();
  }

  @Test
  void worksThroughALinkFromAnotherDirectory() throws Exception {
    Path link = Files.createSymbolicLink(bin.resolve("kappa-link"), root.resolve("kappa"));

    Outcome linked = execute(List.of(), link, List.of("status"));

    assertThat(linked.out()).contains("-Dkappa.root=" + root);
  }

  private Outcome run(String... arguments) throws Exception {
    return run(List.of(), arguments);
  }

  private Outcome run(List<String> environment, String... arguments) throws Exception {
    return execute(environment, root.resolve("kappa"), List.of(arguments));
  }

  private Outcome execute(List<String> environment, Path script, List<String> arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", script.toString()));
    command.addAll(arguments);
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("KAPPA_"));
    builder.environment().remove("JAVA_HOME");
    builder.environment().merge("PATH", bin.toString(), (path, first) -> first + ":" + path);
    environment.forEach(
        variable ->
            builder.environment().put(variable.split("=", 2)[0], variable.split("=", 2)[1]));
    Process process = builder.start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Outcome(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  private List<String> mavenCalls() throws IOException {
    return Files.readAllLines(root.resolve("mvn-calls"));
  }

  private List<String> trainingCalls() throws IOException {
    return Files.readAllLines(directory.resolve("training-calls"));
  }

  private void program(String name, String body) throws IOException {
    Path file = Files.writeString(bin.resolve(name), "#!/bin/sh\n" + body);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
