package io.kappacdc.cli.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.cli.RunningStack;
import io.kappacdc.runtime.cli.ExitCode;
import io.kappacdc.stack.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random tables over all types, random values, changes, transactions and changes of form; then
 * {@code kappa verify} must find source, mirror and the fold of each trail equal.
 *
 * <p>Each build plays the same seeds. {@code -Dkappa.fidelity.seconds=S} goes on with fresh ones
 * for so long; {@code -Dkappa.seed=N} plays the table of that seed alone, together with {@code
 * -Dkappa.fidelity.tables=K} the K from it on.
 */
class TypeFidelityIT {
  private static final @Nullable Long SEED = Long.getLong("kappa.seed");
  private static final @Nullable Long SECONDS = Long.getLong("kappa.fidelity.seconds");
  private static final int TABLES_A_ROUND =
      Integer.getInteger("kappa.fidelity.tables", SEED == null ? 8 : 1);

  /** Whether the pipeline starts amid the first round's changes, or before its tables are there. */
  private static final boolean SNAPSHOT =
      Boolean.parseBoolean(System.getProperty("kappa.fidelity.snapshot", "true"));

  /** Of the tables that each build plays. */
  private static final long FIRST_SEED = 9;

  private static final int ROUNDS_A_STACK = 10;

  private static final int VERIFICATIONS_MAX = 3;

  /** A generator that only makes what PostgreSQL refuses would test nothing. */
  private static final double REFUSED_MAX = 0.4;

  @TempDir static Path directory;
  private static EmbeddedPostgres source;

  private final Map<String, Integer> refusals = new TreeMap<>();
  private int statements;
  private int refused;
  private int alterations;

  /**
   * Tables that are played together.
   *
   * @param snapshot whether the pipeline starts amid their changes
   */
  private record Round(long seed, int tables, boolean snapshot) {
    List<RandomTable> make(List<SourceType> types, int version) {
      return LongStream.range(seed, seed + tables)
          .mapToObj(number -> new RandomTable(number, types, version))
          .toList();
    }

    /** How to play it again. */
    String again() {
      return "-Dkappa.seed=%d -Dkappa.fidelity.tables=%d%s"
          .formatted(seed, tables, snapshot ? "" : " -Dkappa.fidelity.snapshot=false");
    }
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
    long end = System.nanoTime() + Duration.ofSeconds(SECONDS == null ? 0 : SECONDS).toNanos();
    long seed = SEED == null ? FIRST_SEED : SEED;
    int tables = 0;
    int stacks = 0;
    do {
      try (RunningStack stack =
          new RunningStack(
              Files.createDirectory(directory.resolve("stack" + stacks)),
              source,
              "fidelity_" + stacks)) {
        List<SourceType> types = prepare(stack);
        for (int i = 0; i < ROUNDS_A_STACK && (i == 0 || System.nanoTime() < end); i++) {
          Round round = new Round(seed, TABLES_A_ROUND, i == 0 && SNAPSHOT);
          playRound(stack, types, round);
          tables += TABLES_A_ROUND;
          System.out.printf(
              "fidelity: %s match; %d tables, %d statements, %d refused, %d changes of form%n",
              round.again(), tables, statements, refused, alterations);
          seed = stacks + i == 0 ? System.currentTimeMillis() * 1000 : seed + TABLES_A_ROUND;
        }
      }
      stacks++;
    } while (System.nanoTime() < end);
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

  private void playRound(RunningStack stack, List<SourceType> types, Round round) {
    try (Connection connection = stack.source()) {
      int version = connection.getMetaData().getDatabaseMajorVersion();
      List<RandomTable> tables = round.make(types, version);
      RandomTransactions transactions = new RandomTransactions(connection, round.seed());
      if (round.snapshot()) {
        int later = tables.size() / 2;
        transactions.create(tables.subList(later, tables.size()));
        transactions.play(tables.size() * 2);
        stack.up();
        transactions.create(tables.subList(0, later));
      } else {
        stack.up();
        transactions.create(tables);
      }
      transactions.playAll();
      count(transactions);
      verify(stack, tables);
    } catch (Exception | AssertionError e) {
      throw new AssertionError(
          "To play these tables again: %s; one alone: -Dkappa.seed=<the number in its name>"
              .formatted(round.again()),
          e);
    }
  }

  private void count(RandomTransactions transactions) {
    statements += transactions.statements();
    refused += transactions.refused();
    alterations += transactions.alterations();
    transactions.refusals().forEach((what, times) -> refusals.merge(what, times, Integer::sum));
  }

  /** What could not be verified on a busy machine is verified again. */
  private static void verify(RunningStack stack, List<RandomTable> tables) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("verify", "--timeout=5m", "--show-values"));
    tables.forEach(table -> arguments.add("--table=" + table.name()));
    RunningStack.Outcome outcome = stack.kappa(arguments.toArray(String[]::new));
    for (int i = 1; i < VERIFICATIONS_MAX && outcome.exitCode() == ExitCode.NOT_DONE; i++) {
      outcome = stack.kappa(arguments.toArray(String[]::new));
    }
    if (outcome.exitCode() != 0) {
      throw new AssertionError(outcome.output() + '\n' + stack.complaints());
    }
  }
}
