package io.kappacdc.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;

/**
 * A running Kafka broker (KRaft) on the loopback interface, in a JVM of its own: a cluster of one
 * node, unless it is one of an {@link EmbeddedKafkaCluster}.
 *
 * <p>Topics are kept forever unless a topic says otherwise, and are not created by being asked for.
 *
 * <p>Thread-safe. The broker ends with {@link #stop()}, with {@link #kill()}, or with this JVM.
 */
public final class EmbeddedKafka implements AutoCloseable {
  private static final String NAME = "Kafka";
  private static final String READY_FILE = "ready";
  private static final String PROCESS_FILE = "server.pid";
  private static final Duration STOP_MAX = Duration.ofSeconds(20);

  private final Builder builder;
  private final ServerDirectory directory;
  private final ServerProcess process;
  private final KafkaSettings.Ports ports;
  private final StopWithJvm stopWithJvm;
  private boolean stopped;

  private EmbeddedKafka(
      Builder builder,
      ServerDirectory directory,
      ServerProcess process,
      KafkaSettings.Ports ports) {
    this.builder = builder;
    this.directory = directory;
    this.process = process;
    this.ports = ports;
    this.stopWithJvm = builder.shutdownHook ? StopWithJvm.register(this::stop) : StopWithJvm.none();
  }

  /**
   * @param directory of this server alone: data, log, ports; created when missing
   */
  public static Builder builder(Path directory) {
    return new Builder(directory);
  }

  /** How to start a broker. Not thread-safe. */
  public static final class Builder {
    private static final int TRIES_MAX = 3;

    private final Path directory;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private String heap = "512m";
    private List<String> jvmOptions = List.of();
    private Duration startTimeout = Duration.ofMinutes(2);
    private boolean shutdownHook = true;
    private OptionalInt advertisedPort = OptionalInt.empty();
    private String clientProtocol = "PLAINTEXT";
    private Optional<KafkaSettings.Member> member = Optional.empty();

    private Builder(Path directory) {
      this.directory = Objects.requireNonNull(directory, "directory");
    }

    /** The broker's largest heap, as -Xmx takes it: 512m by default. */
    public Builder heap(String size) {
      this.heap = size;
      return this;
    }

    /** Further options of the broker's JVM; they follow the defaults, and so win. */
    public Builder jvmOptions(String... options) {
      this.jvmOptions = List.of(options);
      return this;
    }

    /** A setting as in server.properties; the last one wins. */
    public Builder setting(String name, String value) {
      settings.put(name, value);
      return this;
    }

    public Builder settings(Map<String, String> more) {
      settings.putAll(more);
      return this;
    }

    /**
     * The port that clients are told to connect to, for a proxy in front of the broker: on the
     * loopback interface too. What the broker says to itself goes past it, as do those clients that
     * begin at {@link EmbeddedKafka#directBootstrapServers()}.
     */
    public Builder advertisedPort(int port) {
      this.advertisedPort = OptionalInt.of(port);
      return this;
    }

    /**
     * What clients speak to the broker, as Kafka's {@code security.protocol}: PLAINTEXT by default.
     * Keys, certificates and login are {@link #setting settings} with the prefix {@code
     * listener.name.client.}. What the broker says to itself is plain text on the loopback
     * interface, and so is the port of {@link EmbeddedKafka#directBootstrapServers()}.
     */
    public Builder clientProtocol(String protocol) {
      this.clientProtocol = protocol;
      return this;
    }

    /** Makes it one node of several; it then starts only together with most of the others. */
    Builder member(KafkaSettings.Member one) {
      this.member = Optional.of(one);
      return this;
    }

    /** How long a start may take, which includes recovery after a crash: 2 minutes by default. */
    public Builder startTimeout(Duration timeout) {
      this.startTimeout = timeout;
      return this;
    }

    /**
     * Leaves it to the caller to stop the server before this JVM ends: it then ends after those who
     * use it. Without the caller's stop it ends once this JVM is gone.
     */
    public Builder withoutShutdownHook() {
      this.shutdownHook = false;
      return this;
    }

    /**
     * Returns once the broker serves clients. What an earlier run left running on the same
     * directory is stopped first.
     *
     * @throws io.kappacdc.runtime.KappaException when it cannot start, or another live process runs
     *     it
     */
    public EmbeddedKafka start() {
      ServerClassPath classPath = ServerClassPath.locate();
      ServerDirectory claimed = ServerDirectory.claim(NAME, directory);
      try {
        stopLeftover(claimed);
        return startServer(claimed, classPath, 1);
      } catch (RuntimeException | Error e) {
        claimed.close();
        throw e;
      }
    }

    private EmbeddedKafka startServer(
        ServerDirectory claimed, ServerClassPath classPath, int attempt) {
      var ports =
          new KafkaSettings.Ports(
              claimed.port("port"),
              member
                  .map(KafkaSettings.Member::controllerPort)
                  .orElseGet(() -> claimed.port("controller-port")),
              claimed.port("internal-port"),
              advertisedPort,
              clientProtocol);
      writeProperties(claimed, ports);
      claimed.remove(READY_FILE);
      ServerProcess process =
          ServerProcess.start(NAME, command(claimed, classPath), claimed.path(), claimed.log());
      try {
        remember(claimed, process);
        process.awaitReady(
            () ->
                claimed.read(READY_FILE).equals(Optional.of(Long.toString(process.pid())))
                    && KafkaProbe.answers(ports.direct()),
            startTimeout);
        return new EmbeddedKafka(this, claimed, process, ports);
      } catch (RuntimeException e) {
        process.kill();
        boolean portTaken = !ports.listened().allMatch(LoopbackPorts::isFree);
        if (attempt < TRIES_MAX && portTaken) {
          return startServer(claimed, classPath, attempt + 1); // somebody was faster
        }
        throw e;
      }
    }

    private List<String> command(ServerDirectory claimed, ServerClassPath classPath) {
      var command = new ArrayList<String>();
      command.add(Platform.java());
      command.add("-Xms32m");
      command.add("-Xmx" + heap);
      // A small heap on few cores: least memory and CPU, pauses of milliseconds.
      command.add("-XX:+UseSerialGC");
      // A broker mostly copies bytes: over the first millions of records the optimizing compiler
      // costs more CPU than its code saves, and a start costs a CPU-second more with it.
      command.add("-XX:TieredStopAtLevel=1");
      command.add("-XX:+ExitOnOutOfMemoryError");
      command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
      command.add("-Dorg.slf4j.simpleLogger.showDateTime=true");
      command.add("-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
      command.addAll(jvmOptions);
      command.add("-cp");
      command.add(classPath.asArgument());
      command.add("io.kappacdc.stack.KafkaBrokerMain"); // by name: its imports are not on our path
      command.add(claimed.resolve("server.properties").toString());
      command.add(claimed.resolve(READY_FILE).toString());
      return command;
    }

    private void writeProperties(ServerDirectory claimed, KafkaSettings.Ports ports) {
      var properties = new Properties();
      properties.putAll(KafkaSettings.smallFootprint());
      properties.putAll(settings);
      properties.putAll(
          KafkaSettings.node(
              claimed.resolve("data"),
              ports,
              member.orElseGet(() -> KafkaSettings.Member.alone(ports.controller()))));
      try (var out = Files.newBufferedWriter(claimed.resolve("server.properties"))) {
        properties.store(out, "Written at every start.");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void remember(ServerDirectory directory, ServerProcess process) {
    process
        .process()
        .info()
        .startInstant()
        .ifPresent(
            start -> directory.write(PROCESS_FILE, process.pid() + " " + start.toEpochMilli()));
  }

  /** Ends a broker that an earlier run's crash left running here. */
  private static void stopLeftover(ServerDirectory directory) {
    directory.read(PROCESS_FILE).flatMap(EmbeddedKafka::find).ifPresent(EmbeddedKafka::end);
    directory.remove(PROCESS_FILE);
  }

  /** The process that was remembered, not another one that has its number by now. */
  private static Optional<ProcessHandle> find(String remembered) {
    String[] pidAndStart = remembered.split(" ");
    if (pidAndStart.length != 2) {
      return Optional.empty(); // the crash cut the file short: that broker ended with its input
    }
    Instant start = Instant.ofEpochMilli(Long.parseLong(pidAndStart[1]));
    return ProcessHandle.of(Long.parseLong(pidAndStart[0]))
        .filter(
            process ->
                process
                    .info()
                    .startInstant()
                    // The system's clock may have been set since.
                    .filter(i -> Duration.between(i, start).abs().toSeconds() < 5)
                    .isPresent());
  }

  private static void end(ProcessHandle process) {
    process.destroy();
    if (!Processes.awaitExits(List.of(process), STOP_MAX)) {
      process.destroyForcibly();
      Processes.awaitExits(List.of(process), STOP_MAX);
    }
  }

  /** Where clients begin: at the advertised port, if there is one. */
  public String bootstrapServers() {
    return "127.0.0.1:" + ports.advertised().orElse(ports.client());
  }

  /**
   * Where clients begin that are to reach the broker itself, whatever it advertises or asks of
   * them.
   */
  public String directBootstrapServers() {
    return "127.0.0.1:" + ports.direct();
  }

  /** The port that the broker listens on for clients. */
  public int port() {
    return ports.client();
  }

  /** True while the broker's process lives and answers a request. */
  public boolean isHealthy() {
    return process.isAlive() && KafkaProbe.answers(ports.direct());
  }

  public long pid() {
    return process.pid();
  }

  /** The broker's processes of this moment, for the accounts of CPU and memory. */
  public List<Long> pids() {
    return process.pids();
  }

  public Path log() {
    return directory.log();
  }

  /** Stops the broker in an orderly way; one that does not obey within 20 s is killed. */
  public synchronized void stop() {
    if (stopped) {
      return;
    }
    stopWithJvm.cancel();
    process.closeInput();
    process.exits(STOP_MAX);
    end();
  }

  /** Kills the broker (SIGKILL), as a crash would. */
  public synchronized void kill() {
    if (!stopped) {
      stopWithJvm.cancel();
      end();
    }
  }

  private void end() {
    process.kill();
    directory.close();
    stopped = true;
  }

  /** Starts a stopped or killed broker again, the same way; this object stays stopped. */
  public EmbeddedKafka startAgain() {
    return builder.start();
  }

  @Override
  public void close() {
    stop();
  }
}
