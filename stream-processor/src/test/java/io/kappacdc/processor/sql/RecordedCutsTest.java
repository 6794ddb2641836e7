package io.kappacdc.processor.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.delta.tables.DeltaTable;
import io.kappacdc.event.Column;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.processor.lake.LakeCatalog.Store;
import io.kappacdc.processor.lake.LakeSparkSession;
import io.kappacdc.processor.sql.RecordedCuts.TableAt;
import io.kappacdc.runtime.KappaException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What notes of the sinks lead to, written by hand: an LSN of n has the time n seconds. */
class RecordedCutsTest {
  private static final StructType CUTS =
      StructType.fromDDL(
          "sink STRING, lsn BIGINT, source_ts TIMESTAMP, committed_at TIMESTAMP, table_name STRING,"
              + " version BIGINT");

  private static LakeSparkSession spark;
  private final List<Row> rows = new ArrayList<>();

  @BeforeAll
  static void startSpark() {
    spark = LakeSparkSession.start("test");
  }

  @AfterAll
  static void stopSpark() {
    spark.close();
  }

  private RecordedCutsTest trail(long... lsns) {
    return cuts("delta-trail", lsns);
  }

  private RecordedCutsTest mirror(long... lsns) {
    return cuts("delta-mirror", lsns);
  }

  private RecordedCutsTest cuts(String sink, long... lsns) {
    for (long lsn : lsns) {
      add(sink, lsn, null, null);
    }
    return this;
  }

  private RecordedCutsTest add(String sink, long lsn, String table, Long version) {
    Timestamp time = Timestamp.from(Instant.ofEpochSecond(lsn));
    rows.add(RowFactory.create(sink, lsn, time, time, table, version));
    return this;
  }

  private Dataset<Row> table() {
    return spark.session().createDataFrame(rows, CUTS).coalesce(1);
  }

  private RecordedCuts noted() {
    return new RecordedCuts(table());
  }

  private static Moment moment(long lsn) {
    return new Moment(lsn, Instant.ofEpochSecond(lsn));
  }

  @Test
  void theMomentIsOneOfTheMirrorsThatTheTrailHasPassed() {
    // Given
    RecordedCuts cuts = trail(12, 30).mirror(10, 20, 30, 40).noted();

    // When, Then
    assertThat(cuts.resolve(new AskedMoment.Latest())).isEqualTo(moment(30));
    assertThat(cuts.resolve(new AskedMoment.AtLsn(29))).isEqualTo(moment(20));
    assertThat(cuts.resolve(new AskedMoment.AtTime(Instant.ofEpochSecond(20))))
        .isEqualTo(moment(20));
    assertThat(cuts.resolve(new AskedMoment.AtTime(Instant.ofEpochMilli(19_999))))
        .isEqualTo(moment(10));
    assertThatThrownBy(() -> cuts.resolve(new AskedMoment.AtLsn(31)))
        .hasMessage(
            "The lake is not complete at 0/1F yet (it is complete up to 0/1E, 1970-01-01"
                + " 00:00:30.000000+00)");
    assertThatThrownBy(() -> cuts.resolve(new AskedMoment.AtLsn(-1)))
        .hasMessageStartingWith("The lake is not complete at FFFFFFFF/FFFFFFFF yet");
    assertThatThrownBy(() -> cuts.resolve(new AskedMoment.AtTime(Instant.ofEpochSecond(31))))
        .hasMessageStartingWith("The lake is not complete at 1970-01-01 00:00:31.000000+00 yet");
    assertThatThrownBy(() -> cuts.resolve(new AskedMoment.AtLsn(9)))
        .hasMessage(
            "The lake does not reach back to 0/9 (its first moment is 0/A, 1970-01-01"
                + " 00:00:10.000000+00)");
  }

  @Test
  void aSinkThatHasNotedNothingLeavesNoMoment() {
    assertThatThrownBy(() -> mirror(10).noted())
        .isInstanceOf(KappaException.class)
        .hasMessage("There is no moment to read (the trail has not been complete at any moment)");
  }

  @Test
  void aMirrorIsTheVersionNotedLast() {
    // Given
    trail(100).mirror(10, 20, 30, 40, 50);
    add("delta-mirror", 10, "s.early", 3L).add("delta-mirror", 30, "s.early", 7L);
    add("delta-mirror", 30, "s.late", 0L);
    add("delta-mirror", 10, "s.stops", 1L).add("delta-mirror", 20, "s.stops", null);
    add("delta-mirror", 30, "s.stops", null).add("delta-mirror", 40, "s.stops", 9L);
    add("delta-trail", 10, "s.late", 5L);
    RecordedCuts cuts = noted();

    // When, Then
    assertThat(cuts.tablesAt(Store.MIRROR, moment(20)))
        .isEqualTo(Map.of("s.early", new TableAt.Version(3), "s.stops", new TableAt.Stopped(20)));
    assertThat(cuts.tablesAt(Store.MIRROR, moment(30)))
        .isEqualTo(
            Map.of(
                "s.early", new TableAt.Version(7),
                "s.late", new TableAt.Version(0),
                "s.stops", new TableAt.Stopped(20)));
    assertThat(cuts.tablesAt(Store.MIRROR, moment(40)))
        .containsEntry("s.stops", new TableAt.Version(9));
  }

  @Test
  void aTrailIsItsChangesUnlessItStoppedAndStillStands() {
    // Given
    mirror(10, 20, 30, 40).trail(15, 25, 45);
    add("delta-trail", 15, "s.goes", 1L);
    add("delta-trail", 25, "s.late", 1L);
    add("delta-trail", 15, "s.stands", 1L).add("delta-trail", 25, "s.stands", null);
    add("delta-trail", 45, "s.stands", null);
    add("delta-trail", 15, "s.cured", null).add("delta-trail", 45, "s.cured", 4L);
    RecordedCuts cuts = noted();

    // When, Then
    assertThat(cuts.tablesAt(Store.TRAIL, moment(10)))
        .isEqualTo(
            Map.of(
                "s.goes", new TableAt.Changes(),
                "s.stands", new TableAt.Changes(),
                "s.cured", new TableAt.Changes()));
    assertThat(cuts.tablesAt(Store.TRAIL, moment(20)))
        .isEqualTo(
            Map.of(
                "s.goes", new TableAt.Changes(),
                "s.late", new TableAt.Changes(),
                "s.stands", new TableAt.Stopped(25),
                "s.cured", new TableAt.Changes()));
  }

  @Test
  void aTableThatCannotBeReadIsAnErrorForWhoReadsIt(@TempDir Path lake) throws Exception {
    // Given
    for (String name : List.of("gone", "fileless", "stopped", "later", "again", "here")) {
      createMirror(lake, name);
    }
    mirror(10).trail(10);
    add("delta-mirror", 10, "public.gone", 0L);
    add("delta-mirror", 10, "public.fileless", 1L);
    add("delta-mirror", 10, "public.stopped", null);
    add("delta-mirror", 0, "public.again", null);
    add("delta-mirror", 10, "public.here", 1L);
    table().write().format("delta").save(lake + "/kappa/cuts");
    DeltaLog.forTable(spark.session(), lake + "/mirror/public.gone").checkpoint();
    Files.delete(lake.resolve("mirror/public.gone/_delta_log/00000000000000000000.json"));

    try (Stream<Path> files = Files.list(lake.resolve("mirror/public.fileless"))) {
      for (Path file : files.filter(file -> file.toString().endsWith(".parquet")).toList()) {
        Files.delete(file);
      }
    }

    // When, Then
    assertThat(read(lake, "SELECT id FROM mirror.public_here")).isEqualTo("id\n1\n");
    assertRefused(
        lake,
        "gone",
        "Table mirror.public_gone cannot be read as of 0/A, 1970-01-01 00:00:10.000000+00 any more",
        "its version 0 is gone: mirrors keep theirs for lake.mirror-history");
    assertRefused(
        lake,
        "fileless",
        "A table cannot be read as of that moment or version any more",
        "files of the version are gone: mirrors keep theirs for lake.mirror-history");
    assertRefused(
        lake,
        "again",
        "Table mirror.public_again cannot be read as of 0/A, 1970-01-01 00:00:10.000000+00",
        "it was emptied and filled again since, or is being filled, or a row was erased from it");
    assertRefused(
        lake,
        "stopped",
        "Table mirror.public_stopped is not complete as of 0/A, 1970-01-01 00:00:10.000000+00",
        "it had stopped by 0/A");
    assertRefused(
        lake,
        "later",
        "There was no table mirror.public_later as of 0/A, 1970-01-01 00:00:10.000000+00",
        "its first change came later");
    assertRefused(
        lake, "never", "There is no table mirror.public_never", "the lake does not have it");
  }

  @Test
  void aLakeWithoutNotesHasNoMoments(@TempDir Path lake) {
    createMirror(lake, "here");

    assertThatThrownBy(() -> read(lake, "SELECT id FROM mirror.public_here"))
        .hasMessage("There is no moment to read (the lake has no table kappa.cuts)");
  }

  private static void assertRefused(Path lake, String table, String problem, String cause) {
    assertThatThrownBy(() -> read(lake, "SELECT * FROM mirror.public_" + table))
        .isInstanceOf(KappaException.class)
        .hasMessage(problem + " (" + cause + ")");
  }

  private static String read(Path lake, String sql) {
    StringWriter out = new StringWriter();
    LakeQuery.at(
            spark.session(),
            lake.toString(),
            new AskedMoment.Latest(),
            List.of(sql),
            moment -> assertThat(moment).isEqualTo(moment(10)))
        .run(sql, ResultFormat.CSV, 0, new PrintWriter(out));
    return out.toString();
  }

  /** A mirror table with versions 0, empty, and 1, with a row. */
  private static void createMirror(Path lake, String name) {
    TableSchema schema =
        new TableSchema(
            "public", name, List.of(Column.of("id", "bigint")), List.of(), ReplicaIdentity.DEFAULT);
    String path = lake + "/mirror/public." + name;
    DeltaTable.create(spark.session())
        .location(path)
        .addColumn("id", "BIGINT")
        .property("kappa.topic", "pgsrc.public." + name)
        .property("kappa.schema", new String(SchemaJson.write(schema), StandardCharsets.UTF_8))
        .execute();
    spark.session().sql("INSERT INTO delta.`" + path + "` VALUES (1)");
  }
}
