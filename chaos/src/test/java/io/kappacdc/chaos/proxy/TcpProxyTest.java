package io.kappacdc.chaos.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In front of a server that sends back whatever it gets. */
class TcpProxyTest {
  private ServerSocket server;
  private TcpProxy proxy;

  @BeforeEach
  void start() throws IOException {
    server = echo();
    proxy = TcpProxy.to(server.getLocalPort());
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    server.close();
  }

  private static ServerSocket echo() throws IOException {
    ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread acceptor =
        new Thread(
            () -> {
              while (true) {
                try {
                  Socket client = listening.accept();
                  new Thread(() -> sendBack(client)).start();
                } catch (IOException e) {
                  return;
                }
              }
            });
    acceptor.setDaemon(true);
    acceptor.start();
    return listening;
  }

  private static void sendBack(Socket client) {
    try (client) {
      client.getInputStream().transferTo(client.getOutputStream());
    } catch (IOException e) {
      return; // cut, as it is meant to be
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  @Test
  void letsLargeAmountsPassInOrderAndUnchanged() throws Exception {
    byte[] sent = new byte[3_000_000];
    new Random(1).nextBytes(sent);

    try (Socket socket = connect()) {
      Thread sender =
          new Thread(
              () -> {
                try {
                  socket.getOutputStream().write(sent);
                } catch (IOException e) {
                  return; // what is read shows it
                }
              });
      sender.start();
      assertThat(socket.getInputStream().readNBytes(sent.length)).isEqualTo(sent);
      sender.join();
    }
  }

  @Test
  void cutsWhatIsOpenAndLetsNewConnectionsPass() throws Exception {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(7);
      assertThat(socket.getInputStream().read()).isEqualTo(7);

      proxy.cut();

      assertThatThrownBy(
              () -> {
                if (socket.getInputStream().read() < 0) {
                  throw new SocketException("closed");
                }
              })
          .isInstanceOf(SocketException.class);
    }
    assertEchoes(8);
  }

  private void assertEchoes(int value) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(value);
      assertThat(socket.getInputStream().read()).isEqualTo(value);
    }
  }

  @Test
  void refusesUntilHealed() throws Exception {
    proxy.refuse();

    assertThatThrownBy(() -> assertEchoes(1))
        .isInstanceOfAny(SocketException.class, AssertionError.class);

    proxy.heal();
    assertEchoes(2);
  }

  @Test
  void holdsEverythingBackWithoutLosingAnythingUntilHealed() throws Exception {
    try (Socket socket = connect()) {
      proxy.stall();
      socket.getOutputStream().write(new byte[] {1, 2, 3});
      socket.setSoTimeout(300);
      InputStream in = socket.getInputStream();
      assertThatThrownBy(in::read).isInstanceOf(SocketTimeoutException.class);

      proxy.heal();

      socket.setSoTimeout(10_000);
      assertThat(in.readNBytes(3)).containsExactly(1, 2, 3);
    }
  }

  @Test
  void delaysEachWay() throws Exception {
    proxy.delay(Duration.ofMillis(120));

    long start = System.nanoTime();
    assertEchoes(4);

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(230));
  }

  @Test
  void leadsNewConnectionsToAnotherServer() throws Exception {
    try (ServerSocket other = echo()) {
      server.close();
      proxy.pointTo(other.getLocalPort());

      assertEchoes(5);
    }
  }
}
