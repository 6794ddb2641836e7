package io.kappacdc.benchmarks.peers;

import io.kappacdc.benchmarks.peers.Contender.Begin;
import io.kappacdc.load.ChangeCount;
import io.kappacdc.load.LoadProgress;
import io.kappacdc.load.LoadSettings;
import io.kappacdc.load.OpenLoop;
import io.kappacdc.load.Workload;
import io.kappacdc.runtime.KappaException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** Runs one contender once, on servers of its own. */
final class Runner {
  private static final long POLL_MILLIS = 100;
  private static final int SEED = 1;

  private final Settings settings;

  /**
   * How much of what.
   *
   * @param installation the project's directory
   * @param work where servers and logs go
   * @param rows of the table that a snapshot reads
   * @param backlog changes that a drain begins with
   * @param limit how long a drain, or the end of a steady load, may take
   */
  record Settings(
      Path installation,
      Path work,
      int rows,
      long backlog,
      int rowsPerTransaction,
      Duration duration,
      Duration warmUp,
      Duration limit) {}

  /** What is done in a run. */
  sealed interface Phase {
    String label();

    /** Rows in the table and nothing in the WAL, and the contender started on them. */
    record Snapshot() implements Phase {
      @Override
      public String label() {
        return "snapshot";
      }
    }

    /** A backlog in the WAL, and the contender started on it. */
    record Drain() implements Phase {
      @Override
      public String label() {
        return "drain";
      }
    }

    /** Open-loop load at a steady rate, after a warm-up at the same rate. */
    record Steady(int changesPerSecond) implements Phase {
      @Override
      public String label() {
        return "steady " + changesPerSecond + "/s";
      }
    }
  }

  Runner(Settings settings) {
    this.settings = settings;
  }

  /** Never throws for what the contender does: that is in the result. */
  Result run(Contender contender, Phase phase, int round) throws InterruptedException {
    String name =
        (contender.label() + " " + phase.label() + " " + round).replaceAll("[^A-Za-z0-9]+", "-");
    try (Testbed bed = Testbed.start(settings.installation, settings.work.resolve(name))) {
      Run run = new Run(contender, bed);
      try {
        return phase instanceof Phase.Steady steady
            ? run.steady(steady, round)
            : run.allAtOnce(phase, round);
      } finally {
        run.close();
      }
    } catch (KappaException e) {
      return Result.failed(
          contender.label(), phase.label(), round, e.problem() + ": " + e.reason());
    } catch (IOException | SQLException | RuntimeException e) {
      String first = e.toString().lines().findFirst().orElse("");
      return Result.failed(contender.label(), phase.label(), round, first);
    }
  }

  /** What a run holds. */
  private final class Run implements AutoCloseable {
    private final Contender contender;
    private final Testbed bed;
    private final CommitLog commits = new CommitLog();
    private final FundMetadataWorkload workload;
    private final List<Destination> destinations = new ArrayList<>();
    private List<PeerProcess> processes = List.of();
    private ChangeCount done = ChangeCount.NONE;
    private double shortfall;

    Run(Contender contender, Testbed bed) throws SQLException {
      this.contender = contender;
      this.bed = bed;
      this.workload = new FundMetadataWorkload(commits, settings.rowsPerTransaction, SEED);
      try (Connection source = bed.source()) {
        workload.prepare(source, Long.MAX_VALUE);
      }
    }

    /** A snapshot or a drain. */
    Result allAtOnce(Phase phase, int round)
        throws SQLException, IOException, InterruptedException {
      Begin begin = phase instanceof Phase.Snapshot ? Begin.ROWS : Begin.CHANGES;
      if (begin == Begin.ROWS) {
        try (Connection source = bed.source()) {
          done = done.plus(workload.insertRows(source, settings.rows));
        }
        contender.prepare(bed, begin);
      } else {
        contender.prepare(bed, begin);
        writeBacklog();
      }
      Expected expected = expected(0);
      long start = CpuAccount.nowMicros();
      processes = contender.start(bed, begin);
      destinations.addAll(contender.destinations(bed, begin));
      try (CpuAccount cpu = new CpuAccount(bed, processes)) {
        boolean complete = awaitComplete(expected);
        return result(phase, round, expected, cpu, start, complete);
      }
    }

    Result steady(Phase.Steady phase, int round)
        throws SQLException, IOException, InterruptedException {
      contender.prepare(bed, Begin.CHANGES);
      processes = contender.start(bed, Begin.CHANGES);
      destinations.addAll(contender.destinations(bed, Begin.CHANGES));
      load(phase, settings.warmUp);
      if (!awaitComplete(expected(Long.MAX_VALUE))) {
        throw new KappaException(
            "The warm-up did not arrive",
            "not within " + settings.limit.toSeconds() + " s",
            "See the logs in " + bed.directory() + ".");
      }
      destinations.forEach(Destination::measure);
      try (CpuAccount cpu = new CpuAccount(bed, processes)) {
        long start = CpuAccount.nowMicros();
        load(phase, settings.duration);
        Expected expected = expected(start);
        return result(phase, round, expected, cpu, start, awaitComplete(expected));
      }
    }

    private Expected expected(long fromMicros) throws SQLException {
      try (Connection source = bed.source()) {
        return Expected.of(source, commits, done.deletes(), fromMicros);
      }
    }

    private Connection loadConnection() throws SQLException {
      Properties properties = new Properties();
      properties.put("user", bed.servers().source().user());
      properties.put("password", bed.servers().source().password());
      properties.put("reWriteBatchedInserts", "true");
      return DriverManager.getConnection(
          bed.servers().source().jdbcUrl(Testbed.DATABASE), properties);
    }

    private void writeBacklog() throws SQLException {
      try (Connection connection = loadConnection()) {
        try (Statement statement = connection.createStatement()) {
          statement.execute("SET synchronous_commit = off");
        }
        Workload.Session session = workload.open(connection, 0, 1);
        for (long number = 0; done.total() < settings.backlog; number++) {
          done = done.plus(session.transaction(number));
        }
      }
    }

    private void load(Phase.Steady phase, Duration duration)
        throws SQLException, InterruptedException {
      LoadSettings load = LoadSettings.steady(phase.changesPerSecond, duration, 1);
      try (OpenLoop loop = OpenLoop.start(this::loadConnection, workload, load)) {
        LoadProgress end = loop.await();
        done = done.plus(end.committed());
        shortfall = end.shortfall();
      }
    }

    private boolean awaitComplete(Expected expected)
        throws SQLException, IOException, InterruptedException {
      List<Destination> open = new ArrayList<>(destinations);
      long deadline = System.nanoTime() + settings.limit.toNanos();
      while (System.nanoTime() < deadline) {
        processes.forEach(PeerProcess::requireAlive);
        for (Destination destination : List.copyOf(open)) {
          if (destination.isComplete(expected)) {
            open.remove(destination);
          }
        }
        if (open.isEmpty()) {
          return true;
        }
        Thread.sleep(POLL_MILLIS);
      }
      return false;
    }

    private Result result(
        Phase phase, int round, Expected expected, CpuAccount cpu, long start, boolean complete)
        throws SQLException, IOException, InterruptedException {
      cpu.between(start, start); // a sample before the processes are gone
      processes.forEach(PeerProcess::stop);
      List<Result.Store> stores = new ArrayList<>();
      long end = start;
      for (Destination destination : destinations) {
        Arrival arrival = destination.arrival(expected);
        end = Math.max(end, arrival.lastMicros());
        boolean steady = phase instanceof Phase.Steady;
        stores.add(
            new Result.Store(
                arrival.store(),
                steady ? 0 : arrival.changesPerSecond(expected.changes()),
                steady ? Result.Latency.of(arrival.latencyMicros(), arrival.basis()) : null,
                arrival.correctness()));
      }
      CpuAccount.Usage usage = cpu.between(start, end);
      long measured =
          expected.commits().since(expected.fromMicros()).stream()
              .mapToLong(CommitLog.Commit::changes)
              .sum();
      return new Result(
          contender.label(),
          phase.label(),
          round,
          measured,
          (end - start) / 1e6,
          usage.byProcess(),
          usage.others(),
          complete,
          shortfall,
          stores,
          null);
    }

    @Override
    public void close() throws SQLException {
      for (Destination destination : destinations) {
        destination.close();
      }
      processes.forEach(PeerProcess::stop);
    }
  }
}
