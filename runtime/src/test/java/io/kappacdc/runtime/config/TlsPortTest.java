package io.kappacdc.runtime.config;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kappacdc.runtime.KappaException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLServerSocketFactory;
import org.junit.jupiter.api.Test;

class TlsPortTest {
  @FunctionalInterface
  private interface Answer {
    void to(Socket client) throws IOException;
  }

  @Test
  void isToldFromWhatItAnswers() throws Exception {
    try (ServerSocket server =
        SSLServerSocketFactory.getDefault()
            .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> served = serve(server, client -> client.getInputStream().read());
      KafkaConfig plain = kafka("127.0.0.1:" + server.getLocalPort(), "SASL_PLAINTEXT");

      assertThatThrownBy(() -> TlsPort.refuseInPlainText(plain))
          .isInstanceOf(KappaException.class)
          .hasMessageContaining("speaks TLS, and security.protocol is SASL_PLAINTEXT");
      served.join();
    }
  }

  @Test
  void isNotAskedByWhoSpeaksTls() {
    assertThatCode(() -> TlsPort.refuseInPlainText(kafka("127.0.0.1:1", "SASL_SSL")))
        .doesNotThrowAnyException();
  }

  @Test
  void nobodyThereOrAnotherAnswerIsForOthersToSay() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> served =
          serve(server, client -> client.getOutputStream().write(new byte[] {0, 0, 0, 4}));
      String servers = "no-port,127.0.0.1:1,[::1]:x,127.0.0.1:" + server.getLocalPort();

      assertThatCode(() -> TlsPort.refuseInPlainText(kafka(servers, "PLAINTEXT")))
          .doesNotThrowAnyException();
      served.join(); // it was asked
    }
  }

  private static CompletableFuture<Void> serve(ServerSocket server, Answer answer) {
    return CompletableFuture.runAsync(
        () -> {
          try (Socket client = server.accept()) {
            answer.to(client);
          } catch (IOException e) {
            // A TLS server's own view of such a request.
          }
        });
  }

  private static KafkaConfig kafka(String servers, String protocol) {
    return new ConfigLoader()
        .flags(
            Map.of(
                "kafka.bootstrap-servers",
                servers,
                "kafka.properties",
                "{security.protocol: " + protocol + "}"))
        .load()
        .kafka();
  }
}
