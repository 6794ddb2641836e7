package io.kappacdc.stack;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * The broker's own process: formats the storage if that was never done, starts broker and
 * controller, and says so in a file.
 *
 * <p>Arguments: the server's properties file, and the file to create once clients are served. The
 * process ends cleanly on a signal, or when its standard input ends: the process that started it is
 * gone then, or asks for it.
 */
public final class KafkaBrokerMain {

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
    formatOnce(Path.of(properties.getProperty("log.dirs")), config.nodeId());

    var server = new KafkaRaftServer(config, Time.SYSTEM);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "broker-shutdown"));
    server.startup(); // returns once the controller lets the broker serve clients
    Files.writeString(readyFile, Long.toString(ProcessHandle.current().pid()));
    awaitEndOf(System.in);
    System.exit(0);
  }

  private static void formatOnce(Path logDirectory, int nodeId) throws Exception {
    if (Files.exists(logDirectory.resolve("meta.properties"))) {
      return;
    }
    new Formatter()
        .setClusterId(Uuid.randomUuid().toString())
        .setNodeId(nodeId)
        .setDirectories(List.of(logDirectory.toString()))
        .setMetadataLogDirectory(logDirectory.toString())
        .setControllerListenerName("CONTROLLER")
        .setReleaseVersion(MetadataVersion.latestProduction())
        .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
        .run();
  }

  private static void awaitEndOf(InputStream input) throws IOException {
    while (input.read() >= 0) {
      // Nothing is said on this channel: its end is the message.
    }
  }
}
