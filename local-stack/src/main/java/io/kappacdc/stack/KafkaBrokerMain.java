package io.kappacdc.stack;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import javax.management.JMException;
import javax.management.ObjectName;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * The broker's own process: formats the storage if that was never done, sets right what a kill left
 * behind, starts broker and controller, and says so in a file.
 *
 * <p>Arguments: the server's properties file, and the file to create once clients are served. The
 * process ends cleanly on a signal, or when its standard input ends: the process that started it is
 * gone then, or asks for it.
 */
public final class KafkaBrokerMain {
  private static final Duration FENCING_MAX = Duration.ofSeconds(60);
  private static final Duration NO_BROKER_AFTER = Duration.ofSeconds(5);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

  private KafkaBrokerMain() {}

  public static void main(String[] args) {
    if (args.length != 2) {
      throw new IllegalArgumentException("Usage: KafkaBrokerMain PROPERTIES READY-FILE");
    }
    try {
      run(Path.of(args[0]), Path.of(args[1]));
    } catch (Throwable e) {
      // Whatever it is, the log that the starting process quotes must name it.
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }

  private static void run(Path propertiesFile, Path readyFile) throws Exception {
    var properties = new Properties();
    try (InputStream in = Files.newInputStream(propertiesFile)) {
      properties.load(in);
    }
    var config = new KafkaConfig(properties, false);
    Path data = Path.of(properties.getProperty("log.dirs"));
    if (!Files.exists(data.resolve("meta.properties"))) {
      String clusterId =
          properties.getProperty(KafkaSettings.CLUSTER_ID, Uuid.randomUuid().toString());
      format(data, config.nodeId(), clusterId);
    } else if (KafkaSettings.isAlone(properties)
        && !Files.exists(data.resolve(".kafka_cleanshutdown"))) {
      fenceKilledBroker(properties);
    }

    var server = new KafkaRaftServer(config, Time.SYSTEM);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "broker-shutdown"));
    server.startup(); // returns once the controller lets the broker serve clients
    Files.writeString(readyFile, Long.toString(ProcessHandle.current().pid()));
    awaitEndOf(System.in);
    System.exit(0);
  }

  private static void format(Path data, int nodeId, String clusterId) throws Exception {
    new Formatter()
        .setClusterId(clusterId)
        .setNodeId(nodeId)
        .setDirectories(List.of(data.toString()))
        .setMetadataLogDirectory(data.toString())
        .setControllerListenerName("CONTROLLER")
        .setReleaseVersion(MetadataVersion.latestProduction())
        .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
        .run();
  }

  /**
   * Lets the controller alone learn that the killed broker is gone, before it is started again.
   *
   * <p>Otherwise the new process takes itself for the leader of all partitions until the session of
   * the killed one runs out. The transaction coordinator then resumes the commits that the kill
   * interrupted; when the session runs out in the midst of it, it finds partitions without a
   * leader, takes them for deleted, and notes the transaction as complete without having marked it
   * in those partitions. What a client was told is committed stays invisible there for ever
   * (TransactionMarkerChannelManager of Kafka 4.3.1: "likely deleted already and hence can be
   * skipped"). It saves waiting for the session's end, too. Where there are others, they do that.
   */
  private static void fenceKilledBroker(Properties properties) throws Exception {
    var controllerOnly = new Properties();
    controllerOnly.putAll(properties);
    controllerOnly
        .keySet()
        .removeAll(List.of("advertised.listeners", "inter.broker.listener.name"));
    controllerOnly.put("process.roles", "controller");
    controllerOnly.put("listeners", KafkaSettings.controllerListener(properties));
    controllerOnly.put("broker.session.timeout.ms", "100");
    controllerOnly.put("broker.heartbeat.interval.ms", "50");
    var server = new KafkaRaftServer(new KafkaConfig(controllerOnly, false), Time.SYSTEM);
    server.startup();
    try {
      awaitFencing();
    } finally {
      server.shutdown();
      server.awaitShutdown();
    }
  }

  private static void awaitFencing() throws JMException, InterruptedException {
    long start = System.nanoTime();
    while (brokers("Fenced") == 0) {
      long waited = System.nanoTime() - start;
      if (waited > NO_BROKER_AFTER.toNanos() && brokers("Active") == 0) {
        return; // killed before it was ever known to the controller
      }
      if (waited > FENCING_MAX.toNanos()) {
        throw new IllegalStateException("The controller does not fence the killed broker");
      }
      Thread.sleep(POLL_INTERVAL.toMillis());
    }
  }

  /** What the controller in this process reports, one of its documented metrics. */
  private static int brokers(String state) throws JMException {
    var metric =
        new ObjectName("kafka.controller:type=KafkaController,name=" + state + "BrokerCount");
    return (Integer) ManagementFactory.getPlatformMBeanServer().getAttribute(metric, "Value");
  }

  private static void awaitEndOf(InputStream input) throws IOException {
    while (input.read() >= 0) {
      // Nothing is said on this channel: its end is the message.
    }
  }
}
