package io.kappacdc.processor.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.processor.ServersForTests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProcessorLockTest {
  private final PostgresSettings postgres = ServersForTests.sinkDatabase();
  private final ProcessorLock lock = new ProcessorLock(postgres);

  @AfterEach
  void close() {
    lock.close();
  }

  @Test
  void keepsOthersOutUntilItIsClosed() throws SQLException {
    try (ProcessorLock other = new ProcessorLock(postgres)) {
      assertThat(lock.hold()).isTrue();
      assertThat(other.hold()).isFalse();

      lock.close();

      assertThat(other.hold()).isTrue();
    }
  }

  @Test
  void whoLosesItWithTheConnectionIsToldSoWhenAnotherHasTakenIt() throws SQLException {
    // Given
    lock.hold();
    endSessions();
    try (ProcessorLock other = new ProcessorLock(postgres)) {
      other.hold();

      // When
      boolean held = lock.hold();

      // Then
      assertThat(held).isFalse();
      assertThat(lock.taken()).hasMessageContaining("already has a processor");
    }
  }

  @Test
  void isTakenAgainWhenTheConnectionWasLost() throws SQLException {
    // Given
    lock.hold();
    endSessions();

    // When
    boolean held = lock.hold();

    // Then
    assertThat(held).isTrue();
    try (ProcessorLock other = new ProcessorLock(postgres)) {
      assertThat(other.hold()).isFalse();
    }
  }

  private void endSessions() throws SQLException {
    try (Connection connection = ServersForTests.connect(postgres);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
              + " WHERE datname = current_database()"
              + " AND application_name = 'kappa-cdc processor lock'");
    }
  }

  @Test
  void itsOwnSessionLeftBehindByALostConnectionDoesNotKeepItOut() throws Exception {
    // Given
    try (Line line = new Line(postgres.url());
        ProcessorLock behindLine =
            new ProcessorLock(
                new PostgresSettings(line.url(), postgres.user(), postgres.password(), 1))) {
      assertThat(behindLine.hold()).isTrue();
      line.cutTowardsTheClient();

      // When
      boolean held = behindLine.hold();

      // Then
      assertThat(held).isTrue();
      assertThat(lock.hold()).isFalse();
    }
  }

  /** A line to the server that breaks without the server noticing. */
  private static final class Line implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    private final URI server;
    private final String url;
    private final List<Socket> towardsClient = new CopyOnWriteArrayList<>();
    private final List<Socket> towardsServer = new CopyOnWriteArrayList<>();

    Line(String jdbcUrl) throws IOException {
      server = URI.create(jdbcUrl.substring("jdbc:".length()));
      url =
          jdbcUrl.replace(
              server.getHost() + ":" + server.getPort(), "127.0.0.1:" + listener.getLocalPort());
      start(this::accept);
    }

    String url() {
      return url;
    }

    private static void start(Runnable work) {
      Thread thread = new Thread(work, "line");
      thread.setDaemon(true);
      thread.start();
    }

    private void accept() {
      try {
        while (true) {
          Socket client = listener.accept();
          Socket upstream = new Socket(server.getHost(), server.getPort());
          towardsClient.add(client);
          towardsServer.add(upstream);
          start(() -> copy(client, upstream));
          start(() -> copy(upstream, client));
        }
      } catch (IOException e) {
        // Closed.
        return;
      }
    }

    private static void copy(Socket from, Socket to) {
      try {
        from.getInputStream().transferTo(to.getOutputStream());
      } catch (IOException e) {
        // Cut.
        return;
      }
    }

    void cutTowardsTheClient() {
      close(towardsClient);
    }

    private static void close(List<Socket> sockets) {
      for (Socket socket : sockets) {
        try {
          socket.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }

    @Override
    public void close() throws IOException {
      listener.close();
      close(towardsClient);
      close(towardsServer);
    }
  }
}
