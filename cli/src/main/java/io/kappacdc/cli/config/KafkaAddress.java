package io.kappacdc.cli.config;

import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.config.KafkaConfig;
import io.kappacdc.runtime.config.TlsPort;
import java.util.HashMap;
import java.util.Map;

/**
 * Where Kafka is, and how to log in.
 *
 * @param bootstrapServers host:port, separated by commas
 * @param clientProperties further properties of Kafka's clients
 */
public record KafkaAddress(String bootstrapServers, Map<String, String> clientProperties) {
  public KafkaAddress {
    clientProperties = Map.copyOf(clientProperties);
  }

  /**
   * That of a running stack or as configured, after a look at its port.
   *
   * @throws KappaException if there is none, its properties cannot be read, or it cannot be spoken
   *     to in plain text
   */
  public static KafkaAddress of(KafkaConfig kafka, KappaHome home) {
    if (kafka.bootstrapServers() == null) {
      throw new KappaException(
          "There is no Kafka to go to",
          "no stack is up in "
              + home.directory()
              + " and the configuration has no kafka.bootstrap-servers",
          "Start ./kappa up first (same --home), or set kafka.bootstrap-servers.");
    }
    TlsPort.refuseInPlainText(kafka);
    return new KafkaAddress(kafka.bootstrapServers(), kafka.clientProperties());
  }

  /** Properties for any client. */
  public Map<String, Object> properties() {
    Map<String, Object> properties = new HashMap<>(clientProperties);
    properties.put("bootstrap.servers", bootstrapServers);
    return properties;
  }

  @Override
  public String toString() {
    return bootstrapServers; // never the properties
  }
}
