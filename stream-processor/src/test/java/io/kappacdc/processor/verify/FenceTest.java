package io.kappacdc.processor.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kappacdc.runtime.KappaException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FenceTest {
  private static final String SLOT = "fence_test";
  private static final int WRITERS = 6;
  private static final int FENCES = 15;

  @Test
  void seesExactlyTheTransactionsWhoseCommitEndsAtOrBeforeItsLsnWhileOthersWrite()
      throws Exception {
    // Given: writers, and a slot that will tell where each transaction's commit ended
    try (Connection setup = TestStack.source().connect();
        Statement sql = setup.createStatement()) {
      sql.execute("CREATE TABLE fence_rows (id bigint PRIMARY KEY)");
      sql.execute("CREATE PUBLICATION fence_pub FOR TABLE fence_rows");
      sql.execute("SELECT pg_create_logical_replication_slot('" + SLOT + "', 'pgoutput')");
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger ids = new AtomicInteger();
      List<CompletableFuture<Void>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        writers.add(CompletableFuture.runAsync(() -> write(ids, stop)));
      }

      // When
      TreeMap<Long, TreeSet<Integer>> seen = new TreeMap<>();
      for (int i = 0; i < FENCES; i++) {
        try (Fence fence = Fence.set(TestStack.source(), Deadline.in(Duration.ofSeconds(30)))) {
          seen.put(fence.lsn(), ids(fence.source().connection()));
        }
      }
      stop.set(true);
      writers.forEach(CompletableFuture::join);

      // Then
      TreeMap<Integer, Long> commitEnds = commitEnds(setup);
      assertThat(commitEnds).hasSizeGreaterThan(100);
      seen.forEach(
          (lsn, visible) -> {
            TreeSet<Integer> expected = new TreeSet<>();
            commitEnds.forEach(
                (id, end) -> {
                  if (end <= lsn) {
                    expected.add(id);
                  }
                });
            assertThat(visible).isEqualTo(expected);
          });
      assertThat(seen.firstEntry().getValue().size())
          .isLessThan(seen.lastEntry().getValue().size());
      sql.execute("SELECT pg_drop_replication_slot('" + SLOT + "')");
      sql.execute("DROP TABLE fence_rows");
      sql.execute("DROP PUBLICATION fence_pub");
    }
  }

  private static void write(AtomicInteger ids, AtomicBoolean stop) {
    try (Connection connection = TestStack.source().connect();
        Statement sql = connection.createStatement()) {
      connection.setAutoCommit(false);
      while (!stop.get()) {
        sql.execute("INSERT INTO fence_rows VALUES (" + ids.incrementAndGet() + ")");
        connection.commit();
      }
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static TreeSet<Integer> ids(Connection connection) throws Exception {
    TreeSet<Integer> ids = new TreeSet<>();
    try (Statement sql = connection.createStatement();
        ResultSet rows = sql.executeQuery("SELECT id FROM fence_rows")) {
      while (rows.next()) {
        ids.add(rows.getInt(1));
      }
    }
    return ids;
  }

  /** End LSN of each row's transaction, out of pgoutput's Insert and Commit messages. */
  private static TreeMap<Integer, Long> commitEnds(Connection connection) throws Exception {
    TreeMap<Integer, Long> ends = new TreeMap<>();
    List<Integer> open = new ArrayList<>();
    try (Statement sql = connection.createStatement();
        ResultSet rows =
            sql.executeQuery(
                "SELECT data FROM pg_logical_slot_get_binary_changes('"
                    + SLOT
                    + "', NULL, NULL, 'proto_version', '1', 'publication_names', 'fence_pub')")) {
      while (rows.next()) {
        ByteBuffer message = ByteBuffer.wrap(rows.getBytes(1));
        byte kind = message.get();
        if (kind == 'I') {
          message.position(1 + 4 + 1 + 2 + 1);
          byte[] text = new byte[message.getInt()];
          message.get(text);
          open.add(Integer.parseInt(new String(text, java.nio.charset.StandardCharsets.US_ASCII)));
        } else if (kind == 'C') {
          long end = message.getLong(1 + 1 + 8);
          open.forEach(id -> ends.put(id, end));
          open.clear();
        }
      }
    }
    return ends;
  }

  @Test
  void namesTheTransactionThatHoldsItUp() throws Exception {
    try (Connection writer = TestStack.source().connect();
        Statement sql = writer.createStatement()) {
      writer.setAutoCommit(false);
      sql.execute("SELECT txid_current()");

      assertThatThrownBy(() -> Fence.set(TestStack.source(), Deadline.in(Duration.ofSeconds(1))))
          .isInstanceOf(KappaException.class)
          .hasMessageStartingWith("Could not verify")
          .hasMessageContaining("did not end within 1 s: process ");
      writer.rollback();
    }
  }

  @Test
  void leavesNoSlotBehind() throws Exception {
    Fence.set(TestStack.source(), Deadline.in(Duration.ofSeconds(30))).close();

    try (Connection connection = TestStack.source().connect();
        Statement sql = connection.createStatement()) {
      org.awaitility.Awaitility.await()
          .untilAsserted(
              () -> {
                try (ResultSet rows =
                    sql.executeQuery(
                        "SELECT 1 FROM pg_replication_slots WHERE slot_name LIKE 'kappa_verify%'")) {
                  assertThat(rows.next()).isFalse();
                }
              });
    }
  }

  @Test
  void aTableTruncatedAfterTheFenceIsRefusedAndNoTableStaysLocked() throws Exception {
    try (Connection other = TestStack.source().connect();
        Statement sql = other.createStatement()) {
      sql.execute("CREATE TABLE fence_kept (id int)");
      sql.execute("CREATE TABLE fence_truncated (id int, part int) PARTITION BY LIST (part)");
      sql.execute("CREATE TABLE fence_part PARTITION OF fence_truncated FOR VALUES IN (1)");
      sql.execute("INSERT INTO fence_kept VALUES (1)");
      sql.execute("INSERT INTO fence_truncated VALUES (1, 1)");
      try (Fence fence = Fence.set(TestStack.source(), Deadline.in(Duration.ofSeconds(30)))) {
        sql.execute("TRUNCATE fence_truncated");

        assertThat(rows(fence.source(), "fence_kept")).isEqualTo(1);
        assertThatThrownBy(() -> rows(fence.source(), "fence_truncated"))
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("truncated or rewritten after the fence");
        sql.execute("SET lock_timeout = '10s'");
        sql.execute("TRUNCATE fence_kept");
      } finally {
        sql.execute("DROP TABLE fence_kept, fence_truncated");
      }
    }
  }

  private static long rows(PostgresSession source, String table) {
    ComparedTable compared = ComparedTable.of("public." + table, List.of("id"), List.of());
    JdbcDigestSource rows =
        new JdbcDigestSource(
            SourceTable.STORE,
            compared,
            source,
            new JdbcDigestSource.Relation("SELECT id::text AS c0 FROM " + table, false));
    TableName name = new TableName("public", table);
    return source.guarded(
        () -> TableComparison.rows(new UntruncatedRows(source, name, rows).chunkSums(1)));
  }
}
