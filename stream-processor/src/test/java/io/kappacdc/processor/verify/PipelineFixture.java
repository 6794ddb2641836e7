package io.kappacdc.processor.verify;

import io.delta.tables.DeltaTable;
import io.kappacdc.event.Column;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.event.wire.TopicNames;
import io.kappacdc.processor.lake.LakeCatalog;
import io.kappacdc.processor.lake.LakeTypes;
import io.kappacdc.processor.stream.KafkaSettings;
import io.kappacdc.runtime.columns.ColumnPolicies;
import io.kappacdc.runtime.config.TableFilter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** A pipeline whose stores are filled by hand, in the layout that the sinks write. */
final class PipelineFixture implements AutoCloseable {
  /** Every store of every table is here, unless a test says otherwise. */
  static final long END_OFFSET = 100;

  private static final String USER_METADATA = "spark.databricks.delta.commitInfo.userMetadata";
  private static final DataType TEXTS = DataTypes.createArrayType(DataTypes.StringType);
  private static final DataType EXACT =
      DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType);

  final String prefix = "t" + UUID.randomUUID().toString().substring(0, 8);
  final FakeCapture capture;
  private final Path lake;
  private ColumnPolicies policies = ColumnPolicies.NONE;
  private TableFilter captured = TableFilter.ALL;
  private final TreeMap<String, long[]> endOffsets = new TreeMap<>();

  /**
   * A change in a trail; values and before image as PostgreSQL's text.
   *
   * @param exact values that the lake's typed columns cannot hold
   */
  record Change(
      char op,
      long lsn,
      long ordinal,
      List<@Nullable String> values,
      @Nullable String before,
      List<String> unchanged,
      Map<String, String> exact) {
    static Change of(char op, long lsn, long ordinal, @Nullable String... values) {
      return new Change(op, lsn, ordinal, Arrays.asList(values), null, List.of(), Map.of());
    }

    Change before(String json) {
      return new Change(op, lsn, ordinal, values, json, unchanged, exact);
    }

    Change unchanged(String... columns) {
      return new Change(op, lsn, ordinal, values, before, List.of(columns), exact);
    }

    Change exact(Map<String, String> texts) {
      return new Change(op, lsn, ordinal, values, before, unchanged, texts);
    }
  }

  PipelineFixture() throws Exception {
    lake = Files.createTempDirectory(Path.of(System.getProperty("java.io.tmpdir")), "lake");
    capture = new FakeCapture(prefix);
    sink("DROP SCHEMA IF EXISTS kappa CASCADE");
    sink("CREATE SCHEMA kappa");
    sink(
        "CREATE TABLE kappa.ledger (topic text, partition int, next_offset bigint, lsn pg_lsn,"
            + " ordinal bigint, updated_at timestamptz, PRIMARY KEY (topic, partition))");
    sink(
        "CREATE TABLE kappa.tables (topic text PRIMARY KEY, source_schema text, source_table text,"
            + " trail_schema text, trail_table text, schema_json text, updated_at timestamptz)");
    source("DROP SCHEMA IF EXISTS app CASCADE");
    source("CREATE SCHEMA app");
    source("DROP PUBLICATION IF EXISTS kappa_pub");
    source("CREATE PUBLICATION kappa_pub FOR ALL TABLES");
  }

  /** From here on capture leaves tables out. */
  void captures(TableFilter tables) {
    captured = tables;
  }

  void source(String sql) throws SQLException {
    execute(TestStack.source(), sql);
  }

  /** All sinks say that they have passed everything that capture has published. */
  void noteCutBehindEverything() throws SQLException {
    sink(
        "CREATE TABLE kappa.progress (store text PRIMARY KEY, lsn pg_lsn, generation int);"
            + " INSERT INTO kappa.progress VALUES ('postgres-trail', '7FFFFFFF/0', 1)");
    for (LakeCatalog.Store store : LakeCatalog.Store.values()) {
      note(store, "lsn", 0x7FFFFFFF_00000000L);
      note(store, "generation", 1);
    }
  }

  private void note(LakeCatalog.Store store, String what, long value) {
    TestStack.SPARK
        .createDataFrame(List.of(), new StructType().add("sink", DataTypes.StringType))
        .write()
        .format("delta")
        .mode("append")
        .option("txnAppId", "kappa/" + store.sink() + '/' + what)
        .option("txnVersion", value)
        .save(lake + "/kappa/cuts");
  }

  void sink(String sql) throws SQLException {
    execute(TestStack.sink(), sql);
  }

  private static void execute(DatabaseAddress database, String sql) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  Pipeline pipeline() {
    return new Pipeline(
        new Pipeline.Source(TestStack.source(), "kappa_pub", captured, false, policies),
        new KafkaSettings(TestStack.STACK.kafka().bootstrapServers(), prefix, Map.of()),
        TestStack.sink(),
        lake.toString());
  }

  /** From here on the source is captured under these policies. */
  void policies(ColumnPolicies configured) {
    policies = configured;
  }

  VerificationReport verify() {
    return verify(new VerifyOptions(pipeline(), List.of(), Duration.ofSeconds(20), 20));
  }

  VerificationReport verify(VerifyOptions options) {
    return new Verifier(() -> TestStack.SPARK, Clock.systemUTC()).verify(options);
  }

  /** A table in all stores, empty. */
  Table table(TableSchema schema) throws SQLException {
    Table table = new Table(schema);
    table.create();
    return table;
  }

  /** A table as the stores have it. */
  final class Table {
    final TableSchema schema;
    final String topic;

    Table(TableSchema schema) {
      this.schema = schema;
      this.topic = new TopicNames(prefix).table(schema.schema(), schema.table());
    }

    String postgresTrail() {
      return "\"" + schema.schema() + "\".\"" + schema.table() + "_trail\"";
    }

    String deltaTrail() {
      return lake + "/trail/" + schema.schema() + '.' + schema.table();
    }

    String deltaMirror() {
      return lake + "/mirror/" + schema.schema() + '.' + schema.table();
    }

    private String json() {
      return new String(SchemaJson.write(schema), StandardCharsets.UTF_8);
    }

    private void create() throws SQLException {
      sink("CREATE SCHEMA IF NOT EXISTS " + schema.schema());
      sink("DROP TABLE IF EXISTS " + postgresTrail());
      StringBuilder ddl =
          new StringBuilder(
              "CREATE TABLE "
                  + postgresTrail()
                  + " (_kappa_op \"char\", _kappa_lsn pg_lsn, _kappa_ordinal bigint, _kappa_tx_id"
                  + " bigint, _kappa_ts timestamptz, _kappa_sink_ts timestamptz, _kappa_before"
                  + " json, _kappa_unchanged text[]");
      for (Column column : schema.columns()) {
        ddl.append(", \"" + column.name() + "\" " + column.builtInType());
      }
      sink(ddl + ", PRIMARY KEY (_kappa_lsn, _kappa_ordinal))");
      sink(
          "INSERT INTO kappa.tables VALUES ('%s', '%s', '%s', '%s', '%s_trail', '%s', now())"
              .formatted(
                  topic,
                  schema.schema(),
                  schema.table(),
                  schema.schema(),
                  schema.table(),
                  json().replace("'", "''")));
      sink(
          "INSERT INTO kappa.ledger VALUES ('"
              + topic
              + "', 0, "
              + END_OFFSET
              + ", '0/0', 0, now())");
      create(deltaTrail(), trailType());
      TestStack.SPARK.conf().set(USER_METADATA, userMetadata(END_OFFSET));
      create(deltaMirror(), mirrorType());
      TestStack.SPARK.conf().unset(USER_METADATA);
      endOffsets.put(topic, new long[] {END_OFFSET, 0});
      capture.endOffsets(new TreeMap<>(endOffsets));
    }

    /** More was published than any store has taken in. */
    void published(long end) {
      endOffsets.put(topic, new long[] {end, 0});
      capture.endOffsets(new TreeMap<>(endOffsets));
    }

    private void create(String path, StructType type) {
      DeltaTable.create(TestStack.SPARK)
          .location(path)
          .addColumns(type)
          .property("kappa.topic", topic)
          .property("kappa.schema", json())
          .execute();
    }

    private StructType columns(StructType type) {
      for (Column column : schema.columns()) {
        type =
            type.add(
                new StructField(
                    column.name(),
                    LakeTypes.sparkType(column.builtInType()),
                    true,
                    new MetadataBuilder().putString("kappa.type", column.builtInType()).build()));
      }
      return type;
    }

    private StructType trailType() {
      StructType type =
          new StructType()
              .add("_kappa_op", DataTypes.StringType)
              .add("_kappa_lsn", DataTypes.LongType)
              .add("_kappa_ordinal", DataTypes.LongType)
              .add("_kappa_tx_id", DataTypes.LongType)
              .add("_kappa_ts", DataTypes.TimestampType)
              .add("_kappa_sink_ts", DataTypes.TimestampType)
              .add("_kappa_before", DataTypes.StringType)
              .add("_kappa_unchanged", TEXTS)
              .add("_kappa_exact", EXACT);
      return columns(type);
    }

    private StructType mirrorType() {
      return columns(new StructType())
          .add("_kappa_lsn", DataTypes.LongType)
          .add("_kappa_ordinal", DataTypes.LongType)
          .add("_kappa_exact", EXACT);
    }

    /** Adds changes to both trails. */
    Table trails(Change... changes) throws SQLException {
      for (Change change : changes) {
        insertTrail(change);
      }
      appendTrail(List.of(changes));
      return this;
    }

    private void insertTrail(Change change) throws SQLException {
      StringBuilder sql =
          new StringBuilder(
              "INSERT INTO "
                  + postgresTrail()
                  + " VALUES (?::\"char\", ?::pg_lsn, ?, 7, '2026-01-02 03:04:05.678901+00', now(),"
                  + " ?::json, ?::text[]");
      for (Column column : schema.columns()) {
        sql.append(", ?::").append(column.builtInType());
      }
      try (Connection connection = TestStack.sink().connect();
          PreparedStatement insert = connection.prepareStatement(sql + ")")) {
        insert.setString(1, String.valueOf(change.op()));
        insert.setString(2, Lsn.format(change.lsn()));
        insert.setLong(3, change.ordinal());
        insert.setString(4, change.before());
        insert.setArray(
            5,
            change.unchanged().isEmpty()
                ? null
                : connection.createArrayOf("text", change.unchanged().toArray()));
        for (int i = 0; i < schema.columns().size(); i++) {
          insert.setString(6 + i, change.values().get(i));
        }
        insert.executeUpdate();
      }
    }

    private void appendTrail(List<Change> changes) {
      List<Row> rows = new ArrayList<>();
      for (Change change : changes) {
        List<Object> row =
            new ArrayList<>(
                Arrays.asList(
                    String.valueOf(change.op()),
                    change.lsn(),
                    change.ordinal(),
                    7L,
                    java.time.Instant.parse("2026-01-02T03:04:05.678901Z"),
                    java.time.Instant.EPOCH,
                    change.before(),
                    change.unchanged().isEmpty() ? null : change.unchanged(),
                    change.exact().isEmpty() ? null : change.exact()));
        row.addAll(change.values());
        rows.add(RowFactory.create(row.toArray()));
      }
      typed(rows, trailType())
          .write()
          .format("delta")
          .mode("append")
          .option("txnAppId", "kappa/" + topic + "/0/offset")
          .option("txnVersion", END_OFFSET + offsets++)
          .save(deltaTrail());
    }

    private int offsets;

    /** Adds rows to the mirror; each as its last change left it. */
    Table mirror(Change... rows) {
      appendMirror(List.of(rows), END_OFFSET);
      return this;
    }

    void appendMirror(List<Change> changes, long nextOffset) {
      List<Row> rows = new ArrayList<>();
      for (Change change : changes) {
        List<Object> row = new ArrayList<>(change.values());
        row.addAll(
            Arrays.asList(
                change.lsn(), change.ordinal(), change.exact().isEmpty() ? null : change.exact()));
        rows.add(RowFactory.create(row.toArray()));
      }
      typed(rows, mirrorType())
          .write()
          .format("delta")
          .mode("append")
          .option("userMetadata", userMetadata(nextOffset))
          .save(deltaMirror());
    }

    private String userMetadata(long nextOffset) {
      return """
      {"kappa":{"%s":[{"partition":0,"offset":%d,"lsn":"0/0","ordinal":0}],
      "barrier":{"lsn":"0/0","ordinal":0},"commit":1}}"""
          .formatted(topic, nextOffset);
    }

    private Dataset<Row> typed(List<Row> rows, StructType type) {
      StructType texts = new StructType();
      List<org.apache.spark.sql.Column> casts = new ArrayList<>();
      for (StructField field : type.fields()) {
        boolean isOwn = !field.name().startsWith("_kappa_");
        texts = texts.add(field.name(), isOwn ? DataTypes.StringType : field.dataType());
        org.apache.spark.sql.Column value = functions.col(field.name());
        casts.add(
            !isOwn
                ? value
                : (field.dataType().equals(DataTypes.BinaryType)
                        ? functions.unhex(functions.expr("substring(" + field.name() + ", 3)"))
                        : value.cast(field.dataType()))
                    .as(field.name()));
      }
      return TestStack.SPARK
          .createDataFrame(rows, texts)
          .select(casts.toArray(org.apache.spark.sql.Column[]::new));
    }
  }

  @Override
  public void close() throws Exception {
    capture.close();
  }
}
