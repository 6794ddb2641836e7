package io.kappacdc.cli.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.cli.RunningStack;
import io.kappacdc.cli.RunningStack.Outcome;
import io.kappacdc.runtime.cli.ExitCode;
import io.kappacdc.stack.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A script of changes to tables, each in a transaction with changes of rows, while a writer goes on
 * with the same tables; then {@code kappa verify} must find all stores equal to the source, and so
 * it must when the stores have been emptied and filled again from the topics.
 */
class SchemaChangesIT {
  /** Each entry is a transaction; what is between two of them the writer does. */
  private static final List<String> CHANGES =
      List.of(
          "INSERT INTO fund VALUES (101, 'a', 1, 1.25);"
              + "ALTER TABLE fund ADD COLUMN note text DEFAULT 'none';"
              + "INSERT INTO fund VALUES (102, 'b', 2, 2.25, 'new')",
          "ALTER TABLE fund ADD COLUMN rating smallint NOT NULL DEFAULT 7; UPDATE fund SET rating = 8"
              + " WHERE id < 5",
          "UPDATE fund SET note = 'soon gone' WHERE id < 5; ALTER TABLE fund DROP COLUMN note;"
              + "UPDATE fund SET rating = 9 WHERE id < 3",
          "ALTER TABLE fund RENAME COLUMN name TO title; UPDATE fund SET title = 'renamed' WHERE id = 1",
          "ALTER TABLE fund ALTER COLUMN units TYPE bigint;"
              + "UPDATE fund SET units = 9223372036854775807 WHERE id = 2",
          "ALTER TABLE fund ALTER COLUMN title TYPE text;"
              + "UPDATE fund SET title = repeat('long', 20) WHERE id = 3",
          "ALTER TABLE fund ALTER COLUMN price TYPE numeric(14,4);"
              + "UPDATE fund SET price = 1234567890.1234 WHERE id = 4",
          "ALTER TABLE fund ALTER COLUMN price TYPE numeric(14,4) USING price * 2",
          "UPDATE fund SET rating = 5 WHERE id < 9; ALTER TABLE fund DROP COLUMN rating;"
              + "ALTER TABLE fund ADD COLUMN rating smallint; UPDATE fund SET rating = 1 WHERE id = 6",
          "ALTER TYPE mood ADD VALUE 'merry' AFTER 'sad'",
          "INSERT INTO feeling VALUES (101, 'merry'); ALTER TABLE feeling RENAME TO sentiment;"
              + "INSERT INTO sentiment VALUES (102, 'merry')",
          "CREATE TABLE reading_2027 PARTITION OF reading FOR VALUES FROM (2000) TO (3000);"
              + "INSERT INTO reading SELECT i, 'p' FROM generate_series(1990, 2010) i",
          "ALTER TABLE keyless ADD PRIMARY KEY (id); UPDATE keyless SET v = 'keyed' WHERE id < 5",
          "ALTER TABLE keyed DROP CONSTRAINT keyed_pkey; INSERT INTO keyed VALUES (101, 'no key')",
          "ALTER TABLE rekeyed DROP CONSTRAINT rekeyed_pkey, ADD PRIMARY KEY (code);"
              + "UPDATE rekeyed SET v = 'other key' WHERE id < 5",
          "DROP TABLE brief; CREATE TABLE brief (id int PRIMARY KEY, w numeric, v text);"
              + "INSERT INTO brief SELECT i, i / 3.0, 'new' FROM generate_series(1, 20) i",
          "TRUNCATE brief; INSERT INTO brief VALUES (7, 1.5, 'after the truncate')");

  private static final List<String> TABLES =
      List.of(
          "CREATE TABLE fund (id int PRIMARY KEY, name varchar(20), units int, price numeric(10,2))",
          "INSERT INTO fund SELECT i, 'fund ' || i, i, i / 4.0 FROM generate_series(1, 100) i",
          "CREATE TYPE mood AS ENUM ('sad', 'happy')",
          "CREATE TABLE feeling (id int PRIMARY KEY, m mood)",
          "INSERT INTO feeling SELECT i, 'sad' FROM generate_series(1, 100) i",
          "CREATE TABLE reading (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)",
          "CREATE TABLE reading_2026 PARTITION OF reading FOR VALUES FROM (0) TO (2000)",
          "INSERT INTO reading SELECT i, 'p' FROM generate_series(1, 100) i",
          "CREATE TABLE keyless (id int NOT NULL, v text)",
          "INSERT INTO keyless SELECT i, 'v' FROM generate_series(1, 100) i",
          "CREATE TABLE keyed (id int PRIMARY KEY, v text)",
          "INSERT INTO keyed SELECT i, 'v' FROM generate_series(1, 100) i",
          "CREATE TABLE rekeyed (id int PRIMARY KEY, code text NOT NULL UNIQUE, v text)",
          "INSERT INTO rekeyed SELECT i, 'c' || i, 'v' FROM generate_series(1, 100) i",
          "CREATE TABLE brief (id int PRIMARY KEY, v text)",
          "INSERT INTO brief SELECT i, 'old' FROM generate_series(1, 50) i");

  /** Tables and columns that stay through all changes. */
  private static final List<String> WRITES =
      List.of(
          "UPDATE fund SET price = price + 1 WHERE id = %d",
          "UPDATE reading SET v = v || 'x' WHERE id = %d AND length(v) < 100",
          "UPDATE rekeyed SET v = 'w%1$d' WHERE id = %1$d",
          "INSERT INTO keyed VALUES (1000 + %d, 'w') ON CONFLICT DO NOTHING");

  private static final Duration READ_AGAIN_MAX = Duration.ofMinutes(3);

  @TempDir Path directory;
  private EmbeddedPostgres source;
  private RunningStack stack;

  @BeforeEach
  void start() throws Exception {
    source = EmbeddedPostgres.builder(directory.resolve("source")).setting("fsync", "off").start();
    stack = new RunningStack(Files.createDirectory(directory.resolve("stack")), source, "fidelity");
  }

  @AfterEach
  void stop() throws Exception {
    stack.close();
    source.close();
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = stack.source();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Writes single rows, one transaction each, until told to stop. */
  private final class Writer implements AutoCloseable {
    private final AtomicReference<@Nullable SQLException> failure = new AtomicReference<>();
    private final Thread thread = new Thread(this::write, "writer");
    private volatile boolean stopping;
    private volatile int written;

    private void write() {
      try (Connection connection = stack.source();
          Statement statement = connection.createStatement()) {
        while (!stopping) {
          String sql = WRITES.get(written % WRITES.size());
          attempt(statement, sql.formatted(1 + written % 97));
          written++;
        }
      } catch (SQLException e) {
        failure.set(e);
      }
    }

    /** A table may be without a key for a moment, or this one meets a change of its table. */
    private static void attempt(Statement statement, String sql) throws SQLException {
      try {
        statement.execute(sql);
      } catch (SQLException e) {
        if (statement.getConnection().isClosed()) {
          throw e;
        }
      }
    }

    private void awaitWrites(int more) throws InterruptedException {
      int target = written + more;
      while (written < target && thread.isAlive()) {
        thread.join(5);
      }
    }

    @Override
    public void close() throws Exception {
      stopping = true;
      thread.join();
      if (failure.get() != null) {
        throw failure.get();
      }
    }
  }

  /** The verdict; what has to be read again may take longer than verify waits. */
  private Outcome verified() throws Exception {
    long deadline = System.nanoTime() + READ_AGAIN_MAX.toNanos();
    Outcome outcome;
    do {
      outcome = stack.kappa("verify", "--timeout=2m", "--show-values");
    } while (outcome.exitCode() == ExitCode.NOT_DONE && System.nanoTime() < deadline);
    return outcome;
  }

  private void assertMatch(Outcome outcome) throws Exception {
    assertThat(outcome.exitCode()).as("%s%n%s", outcome.output(), stack.complaints()).isZero();
  }

  @Test
  void everyChangeOfATablePassesWithNothingLost() throws Exception {
    for (String sql : TABLES) {
      execute(sql);
    }
    stack.up();

    try (Writer writer = new Writer()) {
      writer.thread.start();
      for (String sql : CHANGES) {
        execute(sql);
        writer.awaitWrites(40);
      }
    }

    assertMatch(verified());
    assertMatch(stack.kappa("replay", "--from=earliest", "--rebuild"));
  }
}
