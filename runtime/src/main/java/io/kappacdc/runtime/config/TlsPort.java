package io.kappacdc.runtime.config;

import io.kappacdc.runtime.KappaException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;

/**
 * Tells Kafka's port that speaks TLS. A client that speaks plain text to it takes the answer for
 * the length of a message, and runs out of memory (KAFKA-4090).
 */
public final class TlsPort {
  private static final int TIMEOUT_MILLIS = 2_000;
  private static final int RECORD_ALERT = 0x15;
  private static final int RECORD_HANDSHAKE = 0x16;

  /** For the versions of Kafka's requests: length, key and version, correlation, no client id. */
  private static final byte[] REQUEST = {0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, -1, -1};

  private TlsPort() {}

  /**
   * Asks the first of the bootstrap servers that answers; if none does, that is for others to say.
   *
   * @throws KappaException if it speaks TLS, and the clients are not told to
   */
  public static void refuseInPlainText(KafkaConfig kafka) {
    Map<String, String> properties = kafka.clientProperties();
    String protocol = properties.getOrDefault("security.protocol", "PLAINTEXT");
    if (kafka.bootstrapServers() == null || protocol.endsWith("SSL")) {
      return;
    }
    for (String server : kafka.bootstrapServers().split(",")) {
      int first = firstByteOf(server.trim());
      if (first == RECORD_ALERT || first == RECORD_HANDSHAKE) {
        throw new KappaException(
            "Kafka cannot be spoken to in plain text.",
            server.trim() + " speaks TLS, and security.protocol is " + protocol + ".",
            "Set security.protocol in kafka.properties to SSL or SASL_SSL, or take the port that Kafka"
                + " has for plain text.");
      }
      if (first >= 0) {
        return;
      }
    }
  }

  /** The first byte of the answer to a request for Kafka's versions; -1 without one. */
  private static int firstByteOf(String server) {
    int colon = server.lastIndexOf(':');
    try (Socket socket = new Socket()) {
      String host = server.substring(0, colon).replaceAll("^\\[|]$", "");
      socket.connect(
          new InetSocketAddress(host, Integer.parseInt(server.substring(colon + 1))),
          TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      // In one write: what a server has not read when it closes makes it take its answer back.
      socket.getOutputStream().write(REQUEST);
      return socket.getInputStream().read();
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      return -1; // Kafka's own client says what is wrong with it
    }
  }
}
