package io.kappacdc.benchmarks.peers;

import io.kappacdc.runtime.KappaException;
import io.kappacdc.stack.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** What nothing can be faster than: the WAL read into nothing, rows copied into a bare table. */
final class Floors {
  static final String RECEIVE = "pg_recvlogical to nothing";
  static final String COPY = "COPY into a bare table";

  private static final int COPY_ROWS = 20_000;
  private static final int COPY_CONNECTIONS = 2;

  private final Runner.Settings settings;

  Floors(Runner.Settings settings) {
    this.settings = settings;
  }

  Result receive(int round) throws InterruptedException {
    try (Testbed bed = Testbed.start(settings.installation(), settings.work().resolve("floor"))) {
      CommitLog commits = new CommitLog();
      writeBacklog(bed, commits);
      return receive(bed, commits, round);
    } catch (KappaException | IOException | SQLException e) {
      return Result.failed(RECEIVE, "drain", round, String.valueOf(e.getMessage()));
    }
  }

  private void writeBacklog(Testbed bed, CommitLog commits) throws SQLException {
    FundMetadataWorkload workload =
        new FundMetadataWorkload(commits, settings.rowsPerTransaction(), 1);
    Properties properties = new Properties();
    properties.put("user", bed.servers().source().user());
    properties.put("password", bed.servers().source().password());
    properties.put("reWriteBatchedInserts", "true");
    String url = bed.servers().source().jdbcUrl(Testbed.DATABASE);
    try (Connection connection = DriverManager.getConnection(url, properties)) {
      workload.prepare(connection, Long.MAX_VALUE);
      bed.createPublicationAndSlot();
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET synchronous_commit = off");
      }
      var session = workload.open(connection, 0, 1);
      for (long number = 0; commits.changes() < settings.backlog(); number++) {
        session.transaction(number);
      }
    }
  }

  private Result receive(Testbed bed, CommitLog commits, int round)
      throws SQLException, IOException, InterruptedException {
    EmbeddedPostgres source = bed.servers().source();
    String end;
    try (Connection connection = bed.source();
        Statement statement = connection.createStatement();
        Statement flush = connection.createStatement()) {
      flush.execute("CHECKPOINT"); // the backlog was committed without waiting for the disk
      try (ResultSet row = statement.executeQuery("SELECT pg_current_wal_flush_lsn()")) {
        row.next();
        end = row.getString(1);
      }
    }
    List<String> command =
        List.of(
            "pg_recvlogical",
            "--dbname=" + Testbed.DATABASE,
            "--host=127.0.0.1",
            "--port=" + source.port(),
            "--username=" + source.user(),
            "--no-password",
            "--slot=peer_slot",
            "--start",
            "--endpos=" + end,
            "--option=proto_version=1",
            "--option=publication_names=peer_pub",
            "--file=/dev/null");
    Map<String, String> password = Map.of("PGPASSWORD", source.password());
    Path log = bed.log("pg_recvlogical");
    double clientBefore = CpuAccount.ownSeconds();
    long start = CpuAccount.nowMicros();
    try (CpuAccount cpu = new CpuAccount(bed, List.of())) {
      PeerProcess client =
          PeerProcess.start("pg_recvlogical", command, password, bed.directory(), log);
      int exit = client.process().waitFor();
      long stop = CpuAccount.nowMicros();
      if (exit != 0) {
        client.requireAlive(); // which says why
      }
      Map<String, Double> seconds = new LinkedHashMap<>();
      CpuAccount.Usage usage = cpu.between(start, stop);
      seconds.put("source", usage.byProcess().getOrDefault("source", 0.0));
      // With the harness, which only waits meanwhile.
      seconds.put("pg_recvlogical", CpuAccount.ownSeconds() - clientBefore);
      return done(RECEIVE, round, commits.changes(), (stop - start) / 1e6, seconds, usage);
    }
  }

  private static Result done(
      String name,
      int round,
      long changes,
      double seconds,
      Map<String, Double> cpu,
      CpuAccount.Usage usage) {
    double mine = cpu.values().stream().mapToDouble(Double::doubleValue).sum();
    double others = Math.max(0, usage.total() + usage.others() - mine);
    Result.Store store = new Result.Store("nothing", changes / seconds, null, null);
    return new Result(
        name, "drain", round, changes, seconds, cpu, others, true, 0, List.of(store), null);
  }

  Result copy(int round) throws InterruptedException {
    try (Testbed bed = Testbed.start(settings.installation(), settings.work().resolve("floor"))) {
      try (Connection connection = bed.sink();
          Statement statement = connection.createStatement()) {
        statement.execute(
            "CREATE TABLE bare (id bigint, name text, code text, description text, ts bigint,"
                + " price numeric)");
      }
      double clientBefore = CpuAccount.ownSeconds();
      long start = CpuAccount.nowMicros();
      try (CpuAccount cpu = new CpuAccount(bed, List.of())) {
        copyRows(bed);
        long stop = CpuAccount.nowMicros();
        Map<String, Double> seconds = new LinkedHashMap<>();
        CpuAccount.Usage usage = cpu.between(start, stop);
        seconds.put("sink", usage.byProcess().getOrDefault("sink", 0.0));
        seconds.put("client", CpuAccount.ownSeconds() - clientBefore);
        return done(COPY, round, settings.backlog(), (stop - start) / 1e6, seconds, usage);
      }
    } catch (KappaException | IOException | SQLException | ExecutionException e) {
      return Result.failed(COPY, "drain", round, String.valueOf(e.getMessage()));
    }
  }

  private void copyRows(Testbed bed) throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(COPY_CONNECTIONS);
    try {
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < COPY_CONNECTIONS; i++) {
        writers.add(threads.submit(() -> copyShare(bed)));
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private @Nullable Void copyShare(Testbed bed) throws SQLException, IOException {
    byte[] batch = batch().getBytes(StandardCharsets.UTF_8);
    try (Connection connection = bed.sink()) {
      var copy = connection.unwrap(PGConnection.class).getCopyAPI();
      for (long rows = 0; rows < settings.backlog() / COPY_CONNECTIONS; rows += COPY_ROWS) {
        try (InputStream in = new ByteArrayInputStream(batch)) {
          copy.copyIn("COPY bare FROM STDIN", in);
        }
      }
      return null;
    }
  }

  private static String batch() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < COPY_ROWS; i++) {
      text.append(i).append("\tGlobal Equity Growth Fund ").append(i).append("\tF").append(i);
      text.append("\tA diversified portfolio of large companies, class 0123456789abcdef");
      text.append("0123456789abcdef\t1767225600000\t12345.67\n");
    }
    return text.toString();
  }
}
