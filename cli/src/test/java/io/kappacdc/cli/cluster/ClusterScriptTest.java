package io.kappacdc.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script in a copy of the project's layout, with a java that only says what it was told. */
class ClusterScriptTest {
  @TempDir Path directory;
  private Path root;
  private Path target;

  /** What the script printed and how it ended. */
  private record Outcome(int exitCode, String out, String err) {}

  @BeforeEach
  void layOut() throws IOException {
    root = Files.createDirectories(directory.resolve("project with blanks"));
    target = Files.createDirectories(root.resolve("stream-processor/target"));
    Files.createDirectory(root.resolve("cluster"));
    Files.copy(
        Path.of(System.getProperty("kappa.root"), "cluster", "spark"),
        root.resolve("cluster/spark"),
        StandardCopyOption.COPY_ATTRIBUTES);
    Files.writeString(root.resolve("pom.xml"), "<spark.jvm.options>-Dspark</spark.jvm.options>\n");
    Path java = Files.createDirectory(directory.resolve("bin")).resolve("java");
    Files.writeString(java, "#!/usr/bin/env bash\nprintf '%s\\n' \"$@\"\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void build() throws IOException {
    Files.writeString(
        target.resolve("classpath.txt"),
        "/repository/org/apache/spark/spark-core_2.12/3.5.9/spark-core_2.12-3.5.9.jar"
            + ":/repository/io/delta/delta-spark_2.12/3.3.3/delta-spark_2.12-3.3.3.jar"
            + ":/repository/org/apache/kafka/kafka-clients/3.4.1/kafka-clients-3.4.1.jar"
            + ":/repository/com/fasterxml/jackson/core/jackson-core/2.15.2/jackson-core-2.15.2.jar");
    Files.writeString(target.resolve("stream-processor-0.1.0-SNAPSHOT.jar"), "");
  }

  private Outcome run(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(root.resolve("cluster/spark").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().remove("JAVA_HOME");
    builder
        .environment()
        .merge("PATH", directory.resolve("bin") + ":", (path, first) -> first + path);
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    int exitCode =
        builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start().waitFor();
    return new Outcome(exitCode, Files.readString(out), Files.readString(err));
  }

  @Test
  void submitSendsWhatSparkDoesNotHave() throws Exception {
    build();

    Outcome outcome =
        run("submit", "--master", "spark://m:7077", "process", "--config", "my file.yaml");

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out().lines())
        .containsSubsequence(
            "org.apache.spark.deploy.SparkSubmit",
            "--master",
            "spark://m:7077",
            "--jars",
            "/repository/io/delta/delta-spark_2.12/3.3.3/delta-spark_2.12-3.3.3.jar"
                + ",/repository/org/apache/kafka/kafka-clients/3.4.1/kafka-clients-3.4.1.jar",
            target.resolve("stream-processor-0.1.0-SNAPSHOT.jar").toString(),
            "process",
            "--config",
            "my file.yaml");
    assertThat(run("jars").out()).startsWith("/repository/io/delta/").doesNotContain("jackson");
    assertThat(target.resolve("spark/jars").toFile().list())
        .containsExactlyInAnyOrder("spark-core_2.12-3.5.9.jar", "jackson-core-2.15.2.jar");
  }

  @Test
  void saysHowItIsCalled() throws Exception {
    Outcome outcome = run();

    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("cluster/spark up", "cluster/spark submit");
  }

  @Test
  void saysThatTheProcessorIsNotBuilt() throws Exception {
    Outcome outcome = run("submit", "--master", "spark://m:7077", "process");

    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("problem: The processor is not built", "remedy:");
  }
}
