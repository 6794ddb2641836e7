package io.kappacdc.cli.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.stack.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random tables over all types, random values, changes and transactions; then {@code kappa verify}
 * must find source, mirror and the fold of each trail equal.
 *
 * <p>{@code -Dkappa.seed=N} runs the table of that seed alone, together with {@code
 * -Dkappa.fidelity.tables=K} the K from it on; {@code -Dkappa.fidelity.seconds=S} goes on for so
 * long. Without one of these it is skipped: each run draws other tables, and there is a known value
 * (a timestamp that PostgreSQL prints but does not take back) that stops a table of the PostgreSQL
 * trail.
 */
@EnabledIf(value = "isAskedFor", disabledReason = "set -Dkappa.seed or -Dkappa.fidelity.seconds")
class TypeFidelityIT {
  private static final Duration BUDGET =
      Duration.ofSeconds(Long.getLong("kappa.fidelity.seconds", 60));
  private static final @Nullable Long SEED = Long.getLong("kappa.seed");
  private static final int TABLES_A_ROUND =
      Integer.getInteger("kappa.fidelity.tables", SEED == null ? 10 : 1);
  private static final int ROUNDS_A_STACK = 10;

  /** A generator that only makes what PostgreSQL refuses would test nothing. */
  private static final double REFUSED_MAX = 0.4;

  @TempDir static Path directory;
  private static EmbeddedPostgres source;

  private final Map<String, Integer> refusals = new TreeMap<>();
  private int statements;
  private int refused;

  static boolean isAskedFor() {
    return SEED != null || System.getProperty("kappa.fidelity.seconds") != null;
  }

  @BeforeAll
  static void startSource() {
    source = EmbeddedPostgres.builder(directory.resolve("source")).setting("fsync", "off").start();
  }

  @AfterAll
  static void stopSource() {
    source.close();
  }

  @Test
  void randomTablesOfEveryTypeArriveExactly() throws Exception {
    long seed = SEED != null ? SEED : System.currentTimeMillis() * 1000;
    long end = System.nanoTime() + BUDGET.toNanos();
    int stacks = 0;
    int tables = 0;
    do {
      try (RunningStack stack =
          new RunningStack(
              Files.createDirectory(directory.resolve("stack" + stacks)),
              source,
              "fidelity_" + stacks++)) {
        List<SourceType> types = prepare(stack);
        for (int round = 0; round < ROUNDS_A_STACK; round++) {
          System.out.printf("fidelity: seeds from %d, %d tables so far%n", seed, tables);
          playRound(stack, types, LongStream.range(seed, seed + TABLES_A_ROUND).toArray(), round);
          seed += TABLES_A_ROUND;
          tables += TABLES_A_ROUND;
          if (SEED != null || System.nanoTime() > end) {
            break;
          }
        }
      }
    } while (SEED == null && System.nanoTime() < end);
    assertThat((double) refused / statements).as(refusals.toString()).isLessThan(REFUSED_MAX);
  }

  private static List<SourceType> prepare(RunningStack stack) throws SQLException {
    Set<String> without = new HashSet<>();
    try (Connection connection = stack.source();
        Statement statement = connection.createStatement()) {
      for (String extension : SourceTypes.EXTENSIONS) {
        try {
          statement.execute("CREATE EXTENSION " + extension);
        } catch (SQLException e) {
          without.add(extension);
        }
      }
      for (String definition : SourceTypes.DEFINITIONS) {
        statement.execute(definition);
      }
      statement.execute("CREATE SCHEMA " + RandomTable.SCHEMA);
      return SourceTypes.of(connection.getMetaData().getDatabaseMajorVersion(), without);
    }
  }

  /** Before the pipeline's start in the first round, so that its snapshot has something to read. */
  private void playRound(RunningStack stack, List<SourceType> types, long[] seeds, int round)
      throws Exception {
    List<RandomTable> tables = new ArrayList<>();
    try (Connection connection = stack.source()) {
      int version = connection.getMetaData().getDatabaseMajorVersion();
      connection.setAutoCommit(false);
      for (long seed : seeds) {
        RandomTable table = new RandomTable(seed, types, version);
        for (String sql : table.definition()) {
          execute(connection, sql);
        }
        connection.commit();
        tables.add(table);
      }
      Random random = new Random(seeds[0]);
      List<RandomTable> open = new ArrayList<>(tables);
      if (round == 0) {
        play(connection, open, random, tables.size() * 4);
        stack.up();
      }
      play(connection, open, random, Integer.MAX_VALUE);
    }
    verify(stack, tables);
  }

  private void play(Connection connection, List<RandomTable> open, Random random, int transactions)
      throws SQLException {
    for (int i = 0; i < transactions && !open.isEmpty(); i++) {
      for (int changes = 1 + random.nextInt(8); changes > 0 && !open.isEmpty(); changes--) {
        RandomTable table = open.get(random.nextInt(open.size()));
        for (String sql : table.nextChange()) {
          attempt(connection, sql);
        }
        if (table.isDone()) {
          open.remove(table);
        }
      }
      if (random.nextInt(10) == 0) {
        connection.rollback();
      } else {
        connection.commit();
      }
    }
  }

  /** What PostgreSQL refuses, a key that exists or a value out of range, is undone alone. */
  private void attempt(Connection connection, String sql) throws SQLException {
    Savepoint savepoint = connection.setSavepoint();
    statements++;
    try {
      execute(connection, sql);
      connection.releaseSavepoint(savepoint);
    } catch (SQLException e) {
      connection.rollback(savepoint);
      refused++;
      refusals.merge(firstLine(e.getMessage()), 1, Integer::sum);
    }
  }

  private static String firstLine(@Nullable String message) {
    String line = String.valueOf(message).lines().findFirst().orElse("");
    return line.substring(0, Math.min(90, line.length()));
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(sql);
    }
  }

  private static void verify(RunningStack stack, List<RandomTable> tables) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("verify", "--timeout=2m", "--show-values"));
    tables.forEach(table -> arguments.add("--table=" + table.name()));
    RunningStack.Outcome outcome = stack.kappa(arguments.toArray(String[]::new));
    if (outcome.exitCode() != 0) {
      assertThat(outcome.exitCode())
          .as(
              "a table's seed is in its name; run it alone with -Dkappa.seed=<seed>\n%s\n%s",
              outcome.output(), stack.complaints())
          .isZero();
    }
  }
}
