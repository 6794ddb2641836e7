package io.kappacdc.processor;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.processor.postgres.PostgresSettings;
import io.kappacdc.processor.stream.KafkaSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A command of the processor as a process of its own, on servers of the tests. */
final class CommandProcess {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Path directory;
  private final Path config;
  private int commands;

  record Outcome(int exitCode, String output) {}

  CommandProcess(Path directory, KafkaSettings kafka, PostgresSettings postgres)
      throws IOException {
    this.directory = directory;
    this.config = directory.resolve("kappa.yaml");
    Files.writeString(
        config,
        """
        kafka: {bootstrap-servers: "%s", topic-prefix: "%s"}
        sink: {url: "%s", user: "%s", password: "%s"}
        lake: {path: "%s", cut-interval: 0s, mirror-index-memory: 16MiB}
        """
            .formatted(
                kafka.bootstrapServers(),
                kafka.topicPrefix(),
                postgres.url(),
                postgres.user(),
                postgres.password(),
                lake()));
  }

  Path lake() {
    return directory.resolve("lake");
  }

  /** Starts it; the caller ends it. */
  Process start(List<String> jvmOptions, Path output, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-") || argument.startsWith("-Djdk."))
        .forEach(command::add);
    command.addAll(jvmOptions);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), ProcessorMain.class.getName()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--config", config.toString()));
    command.addAll(List.of("--home", directory.resolve("home").toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }

  /** Runs it to its end. */
  Outcome run(String... arguments) throws IOException, InterruptedException {
    Path output = directory.resolve("command-" + ++commands + ".log");
    Process process =
        start(
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx768m"), output, arguments);
    try {
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .as(Files.readString(output, StandardCharsets.UTF_8))
          .isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
  }
}
