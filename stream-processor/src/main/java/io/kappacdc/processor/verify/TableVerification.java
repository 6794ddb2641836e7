package io.kappacdc.processor.verify;

import io.kappacdc.event.TableSchema;
import io.kappacdc.runtime.columns.ColumnPolicies;
import io.kappacdc.runtime.columns.HashKey;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Verifies one table: the state of every store at the fence against the source, then the trails
 * against each other. The three engines compute their checksums at the same time.
 */
final class TableVerification {
  private static final int BYTES_PER_ROW = 100;

  /**
   * Where the rows are read; each part is used by one thread at a time.
   *
   * @param fence the LSN compared at
   * @param lanes where PostgreSQL's checksums are awaited
   */
  record Stores(long fence, PostgresSession source, PostgresSession sink, Executor lanes) {}

  /**
   * What is known of a table.
   *
   * @param source null if the source does not publish it
   * @param postgres null if that store does not have it; the same holds for the others
   * @param lags why a store is not as far as the fence, by store; those are not compared
   */
  record Known(
      TableName name,
      @Nullable SourceTable source,
      PostgresTrail.@Nullable Trail postgres,
      @Nullable LakeSnapshot delta,
      @Nullable LakeSnapshot mirror,
      Map<String, String> lags) {

    /** The schema that decides on columns and key; null if no store knows the table. */
    @Nullable TableSchema schema() {
      if (postgres != null) {
        return postgres.schema();
      } else if (delta != null) {
        return delta.schema();
      }
      return mirror == null ? null : mirror.schema();
    }
  }

  /** A store's rows and their checksums, or why there are none. */
  private sealed interface Side {
    record Digested(TableDigestSource rows, Map<Integer, ChunkSum> sums) implements Side {}

    record Failed(String reason) implements Side {}
  }

  private final Stores stores;
  private final Known known;
  private final VerifyOptions options;
  private final List<String> notes = new ArrayList<>();

  TableVerification(Stores stores, Known known, VerifyOptions options) {
    this.stores = stores;
    this.known = known;
    this.options = options;
  }

  TableReport run() {
    try (SmallTable held = SmallTable.open(known.delta(), known.mirror())) {
      return known.source() == null ? withoutSource() : withSource(known.source());
    } catch (StoreException e) {
      return notVerified(Objects.requireNonNull(e.getMessage()));
    }
  }

  private TableReport notVerified(String reason) {
    return TableReport.notVerified(known.name().toString(), reason, notes);
  }

  private TableReport withSource(SourceTable source) {
    TableSchema schema = known.schema();
    TableColumns columns = TableColumns.of(source, schema, options.pipeline().source());
    notes.addAll(columns.notes());
    if (schema == null) {
      notes.add("no store has seen it yet");
    }
    ComparedTable table = columns.table();
    int chunks = TableComparison.chunksFor(estimatedRows(stores.source(), source.name().sql()));
    CompletableFuture<Side> sourceSide =
        lane(
            SourceTable.STORE,
            chunks,
            stores.source(),
            () -> new UntruncatedRows(stores.source(), source.name(), sourceRows(source, table)));
    CompletableFuture<Side> postgresSide =
        lane(PostgresTrail.STORE, chunks, stores.sink(), () -> postgresState(columns));
    LakeStates lake = new LakeStates(columns);
    Side delta = side(DeltaFold.STORE, chunks, lake::trail);
    Side mirror = side(MirrorAtFence.STORE, chunks, lake::mirror);
    Side expected = sourceSide.join();
    List<StoreReport> reports = new ArrayList<>();
    reports.add(compare(table, PostgresTrail.STORE, chunks, expected, postgresSide.join()));
    reports.add(compare(table, DeltaFold.STORE, chunks, expected, delta));
    reports.add(compare(table, MirrorAtFence.STORE, chunks, expected, mirror));
    addHistory(reports);
    addTransformedColumns(reports);
    Long sourceRows =
        expected instanceof Side.Digested digested ? TableComparison.rows(digested.sums()) : null;
    return new TableReport(table.name(), sourceRows, reports, notes);
  }

  /** A table that the source does not publish any more: the stores must agree among themselves. */
  private TableReport withoutSource() {
    TableSchema schema = Objects.requireNonNull(known.schema());
    if (SourceCatalog.hasTable(stores.source(), known.name())) {
      return notVerified("the source has the table, but does not publish it");
    }
    notes.add("dropped at the source; its stores were compared with each other");
    ComparedTable table = TableColumns.ofStream(schema);
    TableColumns columns = new TableColumns(table, List.of());
    int chunks = TableComparison.CHUNKS_MIN;
    Side expected =
        lane(PostgresTrail.STORE, chunks, stores.sink(), () -> postgresState(columns)).join();
    LakeStates lake = new LakeStates(columns);
    List<StoreReport> reports = new ArrayList<>();
    reports.add(
        compare(
            table, DeltaFold.STORE, chunks, expected, side(DeltaFold.STORE, chunks, lake::trail)));
    reports.add(
        compare(
            table,
            MirrorAtFence.STORE,
            chunks,
            expected,
            side(MirrorAtFence.STORE, chunks, lake::mirror)));
    addHistory(reports);
    return new TableReport(table.name(), null, reports, notes);
  }

  /** What the stores should have of the source's rows. */
  private TableDigestSource sourceRows(SourceTable source, ComparedTable table) {
    ColumnPolicies policies = options.pipeline().source().policies();
    JdbcDigestSource.Relation rows = source.relation(table.columns(), policies);
    Map<Integer, HashKey> hashed = source.hashed(table.columns(), policies);
    return hashed.isEmpty()
        ? new JdbcDigestSource(SourceTable.STORE, table, stores.source(), rows)
        : new HashedDigestSource(SourceTable.STORE, table, stores.source(), rows, hashed);
  }

  private TableDigestSource postgresState(TableColumns columns) {
    PostgresTrail.Trail trail = known.postgres();
    if (trail == null) {
      return new EmptyDigestSource(PostgresTrail.STORE);
    }
    return new JdbcDigestSource(
        PostgresTrail.STORE,
        columns.table(),
        stores.sink(),
        PostgresFold.relation(
            stores.sink(),
            columns.table(),
            trail,
            columns.namesIn(trail.schema()),
            stores.fence()));
  }

  /** The lake's states; the trail's fold is needed for the mirror's as well. */
  private final class LakeStates {
    private final TableColumns columns;
    private @Nullable DeltaFold fold;

    LakeStates(TableColumns columns) {
      this.columns = columns;
    }

    private DeltaFold fold(LakeSnapshot trail) {
      if (fold == null) {
        fold =
            new DeltaFold(
                columns.table(),
                LakeRows.of(trail),
                columns.namesIn(trail.schema()),
                stores.fence());
      }
      return fold;
    }

    TableDigestSource trail() {
      LakeSnapshot trail = known.delta();
      return trail == null
          ? new EmptyDigestSource(DeltaFold.STORE)
          : new SparkDigestSource(DeltaFold.STORE, columns.table().name(), fold(trail));
    }

    TableDigestSource mirror() {
      LakeSnapshot mirror = known.mirror();
      if (mirror == null) {
        return new EmptyDigestSource(MirrorAtFence.STORE);
      }
      LakeSnapshot trail = known.delta();
      if (trail == null) {
        throw StoreException.of(
            MirrorAtFence.STORE, columns.table().name(), "its Delta trail is missing");
      }
      return new SparkDigestSource(
          MirrorAtFence.STORE,
          columns.table().name(),
          new MirrorAtFence(
              columns.table(),
              LakeRows.of(mirror),
              columns.namesIn(mirror.schema()),
              fold(trail),
              stores.fence()));
    }
  }

  private void addHistory(List<StoreReport> reports) {
    PostgresTrail.Trail postgres = known.postgres();
    LakeSnapshot delta = known.delta();
    if (postgres == null || delta == null) {
      return;
    }
    LakeRows rows = LakeRows.of(delta);
    Set<String> names = new TreeSet<>(postgres.columns());
    names.addAll(rows.names());
    List<String> columns = List.copyOf(names);
    ComparedTable table = TrailHistory.table(known.name().toString(), columns);
    int chunks = TableComparison.chunksFor(estimatedRows(stores.sink(), postgres.sql()));
    CompletableFuture<Side> expected =
        lane(
            PostgresTrail.STORE,
            chunks,
            stores.sink(),
            () ->
                new JdbcDigestSource(
                    PostgresTrail.STORE,
                    table,
                    stores.sink(),
                    TrailHistory.postgres(postgres, columns, stores.fence())));
    Side actual =
        side(
            DeltaFold.STORE,
            chunks,
            () ->
                new SparkDigestSource(
                    DeltaFold.STORE,
                    table.name(),
                    TrailHistory.delta(rows, columns, stores.fence())));
    reports.add(compare(table, TrailHistory.STORE, chunks, expected.join(), actual));
  }

  /** Columns that capture added are unknown to the source: mirror and trail must agree on them. */
  private void addTransformedColumns(List<StoreReport> reports) {
    LakeSnapshot delta = known.delta();
    LakeSnapshot mirror = known.mirror();
    if (delta == null
        || mirror == null
        || delta.schema().columns().stream().allMatch(column -> column.sourceName() != null)) {
      return;
    }
    ComparedTable table = TableColumns.ofStream(delta.schema());
    int chunks = TableComparison.CHUNKS_MIN;
    Supplier<DeltaFold> fold =
        () -> new DeltaFold(table, LakeRows.of(delta), table.columns(), stores.fence());
    Side expected =
        side(
            DeltaFold.STORE,
            chunks,
            () -> new SparkDigestSource(DeltaFold.STORE, table.name(), fold.get()));
    Side actual =
        side(
            MirrorAtFence.STORE,
            chunks,
            () ->
                new SparkDigestSource(
                    MirrorAtFence.STORE,
                    table.name(),
                    new MirrorAtFence(
                        table, LakeRows.of(mirror), table.columns(), fold.get(), stores.fence())));
    reports.add(
        compare(table, MirrorAtFence.STORE + ", with added columns", chunks, expected, actual));
  }

  private CompletableFuture<Side> lane(
      String store, int chunks, PostgresSession session, Supplier<TableDigestSource> open) {
    return CompletableFuture.supplyAsync(() -> side(store, chunks, session, open), stores.lanes());
  }

  private Side side(
      String store, int chunks, PostgresSession session, Supplier<TableDigestSource> open) {
    return attempt(store, () -> session.guarded(() -> digested(store, chunks, open)));
  }

  private Side side(String store, int chunks, Supplier<TableDigestSource> open) {
    return attempt(store, () -> digested(store, chunks, open));
  }

  /** Whatever goes wrong with a store, the others are compared. */
  private Side attempt(String store, Supplier<Side> read) {
    try {
      return read.get();
    } catch (StoreException e) {
      return new Side.Failed(Objects.requireNonNull(e.getMessage()));
    } catch (Exception e) {
      StoreException failure = StoreException.reading(store, known.name().toString(), e);
      return new Side.Failed(Objects.requireNonNull(failure.getMessage()));
    }
  }

  private Side digested(String store, int chunks, Supplier<TableDigestSource> open) {
    String lag = known.lags().get(store);
    if (lag != null) {
      return new Side.Failed("it has not passed the fence: " + lag);
    }
    TableDigestSource rows = open.get();
    return new Side.Digested(rows, rows.chunkSums(chunks));
  }

  private StoreReport compare(
      ComparedTable table, String store, int chunks, Side expected, Side actual) {
    if (actual instanceof Side.Failed failed) {
      return StoreReport.notVerified(store, failed.reason());
    } else if (expected instanceof Side.Failed failed) {
      return StoreReport.notVerified(store, failed.reason());
    }
    Side.Digested left = (Side.Digested) expected;
    Side.Digested right = (Side.Digested) actual;
    TableComparison comparison = new TableComparison(table, options.rowsNamed());
    try {
      Differences differences =
          stores
              .source()
              .guarded(
                  () ->
                      stores
                          .sink()
                          .guarded(
                              () ->
                                  comparison.compare(
                                      left.rows(),
                                      left.sums(),
                                      right.rows(),
                                      right.sums(),
                                      chunks)));
      return StoreReport.compared(store, TableComparison.rows(right.sums()), differences);
    } catch (StoreException e) {
      return StoreReport.notVerified(store, Objects.requireNonNull(e.getMessage()));
    }
  }

  private static long estimatedRows(PostgresSession session, String table) {
    return session.guarded(
        () -> {
          try (PreparedStatement query =
              session
                  .connection()
                  .prepareStatement(
                      "SELECT coalesce((SELECT sum(pg_relation_size(relid)) FROM"
                          + " pg_partition_tree(t)), pg_relation_size(t)) FROM (SELECT"
                          + " ?::regclass AS t) x")) {
            query.setString(1, table);
            try (ResultSet row = query.executeQuery()) {
              return row.next() ? row.getLong(1) / BYTES_PER_ROW : 0;
            }
          } catch (SQLException e) {
            throw StoreException.reading("its database", table, e);
          }
        });
  }
}
