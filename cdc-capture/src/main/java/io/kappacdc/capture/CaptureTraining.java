package io.kappacdc.capture;

import io.kappacdc.runtime.training.ClassPathJars;
import java.io.IOException;
import java.util.List;

/** Loads the classes that capture needs, for an archive of them, and ends. */
final class CaptureTraining {
  private static final List<String> JARS =
      List.of(
          "cdc-capture-",
          "events-",
          "runtime-",
          "telemetry-",
          "debezium-",
          "kafka-clients-",
          "connect-",
          "postgresql-",
          "logback-",
          "slf4j-",
          "jackson-",
          "picocli-",
          "snakeyaml-engine-",
          "micrometer-",
          "prometheus-metrics-",
          "lz4-java-");

  private CaptureTraining() {}

  public static void main(String[] arguments) throws IOException {
    System.out.println(ClassPathJars.load(JARS) + " classes of capture");
  }
}
