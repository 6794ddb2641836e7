package io.kappacdc.processor.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.processor.verify.Differences.Kind;
import io.kappacdc.runtime.columns.HashKey;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HashedDigestSourceTest {
  private static final HashKey KEY = HashKey.of("the-key-of-the-tests-0123456789abcdef");
  private static final JdbcDigestSource.Relation ROWS =
      new JdbcDigestSource.Relation(
          "SELECT id::text AS c0, CASE id % 5 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN"
              + " 'it''s \\ ' || id ELSE 'Zürich \uD83D\uDE00' END AS c1"
              + " FROM generate_series(1, 1000) id",
          false);
  private static final ComparedTable KEYED =
      ComparedTable.of("app.t", List.of("id", "a"), List.of("id"));
  private static final ComparedTable KEYLESS =
      ComparedTable.of("app.t", List.of("id", "a"), List.of());

  private PostgresSession session;

  @BeforeEach
  void open() throws SQLException {
    session = PostgresSession.open(TestStack.source(), null);
  }

  @AfterEach
  void close() {
    session.close();
  }

  private static List<List<String>> rows(int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(
            id ->
                Arrays.asList(
                    KEY.hash("" + id),
                    switch (id % 5) {
                      case 0 -> null;
                      case 1 -> "";
                      case 2 -> "it's \\ " + id;
                      default -> "Zürich \uD83D\uDE00";
                    }))
        .toList();
  }

  private HashedDigestSource hashed(ComparedTable table, int rowsHeldMax) {
    return new HashedDigestSource("source", table, session, ROWS, Map.of(0, KEY), rowsHeldMax);
  }

  @Test
  void withoutHashesItDigestsAsPostgresDoes() {
    for (ComparedTable table : List.of(KEYED, KEYLESS)) {
      TableDigestSource here =
          new HashedDigestSource("source", table, session, ROWS, Map.of(), 1_000_000);
      TableDigestSource there = new JdbcDigestSource("source", table, session, ROWS);

      assertThat(here.chunkSums(16)).isEqualTo(there.chunkSums(16));
    }
  }

  @Test
  void findsWhatDiffersInSeveralPasses() {
    List<List<String>> stored = new ArrayList<>(rows(3, 1000));
    stored.set(0, Arrays.asList(KEY.hash("3"), "other"));
    stored.add(Arrays.asList("extra", null));

    Differences found =
        new TableComparison(KEYED, 20)
            .compare(hashed(KEYED, 7), new MemoryDigestSource(KEYED, stored), 16);

    TreeSet<String> named = new TreeSet<>();
    found.rows().forEach(row -> named.add(row.kind() + " " + row.key()));
    assertThat(named)
        .containsExactlyInAnyOrder(
            Kind.MISSING + " id=" + KEY.hash("1"),
            Kind.MISSING + " id=" + KEY.hash("2"),
            Kind.DIFFERENT + " id=" + KEY.hash("3"),
            Kind.EXTRA + " id=extra");
    assertThat(found.missing() + found.extra() + found.different()).isEqualTo(4);
  }

  @Test
  void countsCopiesOfRowsWithoutAKey() {
    ComparedTable table = ComparedTable.of("app.t", List.of("id"), List.of());
    JdbcDigestSource.Relation rows =
        new JdbcDigestSource.Relation("SELECT '1' AS c0 FROM generate_series(1, 3)", false);
    HashedDigestSource source =
        new HashedDigestSource("source", table, session, rows, Map.of(0, KEY), 1);
    List<String> one = List.of(KEY.hash("1"));

    Differences same =
        new TableComparison(table, 9)
            .compare(source, new MemoryDigestSource(table, List.of(one, one, one)), 16);
    Differences fewer =
        new TableComparison(table, 9)
            .compare(source, new MemoryDigestSource(table, List.of(one, one)), 16);

    assertThat(same).isEqualTo(Differences.NONE);
    assertThat(fewer.missing()).isEqualTo(1);
  }
}
