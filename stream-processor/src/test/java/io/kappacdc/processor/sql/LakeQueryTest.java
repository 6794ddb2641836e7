package io.kappacdc.processor.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.delta.tables.DeltaTable;
import io.kappacdc.event.Column;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.processor.lake.LakeSession;
import io.kappacdc.runtime.KappaException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LakeQueryTest {
  private static LakeQuery query;

  @BeforeAll
  static void createLake() throws Exception {
    Path lake =
        Files.createTempDirectory(Path.of(System.getProperty("java.io.tmpdir")), "sql-lake");
    SparkSession spark =
        LakeSession.configure(SparkSession.builder().appName("test").master("local[2]"))
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate();
    TableSchema fund =
        new TableSchema(
            "public",
            "fund",
            List.of(new Column("id", "bigint", "bigint", false, "id")),
            List.of("id"),
            ReplicaIdentity.DEFAULT);
    String path = lake + "/mirror/public.fund";
    DeltaTable.create(spark)
        .location(path)
        .addColumn("id", "BIGINT")
        .addColumn("name", "STRING")
        .addColumn("price", "DECIMAL(10,2)")
        .addColumn("tags", "ARRAY<STRING>")
        .property("kappa.topic", "pgsrc.public.fund")
        .property("kappa.schema", new String(SchemaJson.write(fund), StandardCharsets.UTF_8))
        .execute();
    spark.sql("INSERT INTO delta.`" + path + "` VALUES (1, 'a,\"b\"', 1.50, array('x'))");
    spark.sql("INSERT INTO delta.`" + path + "` VALUES (2, NULL, NULL, NULL)");
    query = LakeQuery.now(spark, lake.toString(), List.of());
  }

  private static String run(String sql, ResultFormat format, long limit) {
    StringWriter out = new StringWriter();
    query.run(sql, format, limit, new PrintWriter(out));
    return out.toString();
  }

  @Test
  void printsATableForPeople() {
    assertThat(run("SELECT * FROM mirror.public_fund ORDER BY id", ResultFormat.TABLE, 0))
        .isEqualTo(
            """
            id  name   price  tags
            --  -----  -----  -----
             1  a,"b"   1.50  ["x"]
             2  NULL    NULL  NULL
            (2 rows)
            """);
  }

  @Test
  void saysWhenRowsWereLeftOut() {
    assertThat(run("SELECT id, id FROM mirror.public_fund ORDER BY 1", ResultFormat.TABLE, 1))
        .endsWith("(1 row shown, there are more: --limit 0 shows all)\n");
  }

  @Test
  void printsCsv() {
    assertThat(run("SELECT * FROM mirror.public_fund ORDER BY id", ResultFormat.CSV, 0))
        .isEqualTo(
            """
            id,name,price,tags
            1,"a,""b""\",1.50,"[""x""]"
            2,,,
            """);
  }

  @Test
  void printsAnObjectALine() {
    assertThat(
            run(
                "SELECT *, id = 1 AS one, double('NaN') AS nan FROM mirror.public_fund ORDER BY id",
                ResultFormat.JSON,
                0))
        .isEqualTo(
            """
            {"id":1,"name":"a,\\"b\\"","price":1.50,"tags":["x"],"one":true,"nan":"NaN"}
            {"id":2,"name":null,"price":null,"tags":null,"one":false,"nan":"NaN"}
            """);
  }

  @Test
  void travelsInTimeAndShowsHistory() {
    assertThat(
            run(
                "SELECT count(*) AS n FROM mirror.public_fund VERSION AS OF 1",
                ResultFormat.CSV,
                0))
        .isEqualTo("n\n1\n");
    assertThat(run("DESCRIBE HISTORY mirror.public_fund", ResultFormat.JSON, 0).lines())
        .hasSize(3)
        .first()
        .asString()
        .startsWith("{\"version\":2,");
    assertThat(run("SHOW TABLES IN mirror", ResultFormat.CSV, 0)).contains("public_fund");
  }

  @Test
  void anUnknownTableBringsNearNames() {
    assertThatThrownBy(() -> run("SELECT * FROM mirror.public_funds", ResultFormat.CSV, 0))
        .isInstanceOfSatisfying(
            KappaException.class,
            e -> {
              assertThat(e.problem()).isEqualTo("There is no table mirror.public_funds");
              assertThat(e.remedy()).contains("mirror.public_fund");
            });
  }

  @Test
  void aWrongQuerySaysWhy() {
    assertThatThrownBy(() -> run("SELECT nme FROM mirror.public_fund", ResultFormat.CSV, 0))
        .isInstanceOf(KappaException.class)
        .hasMessageContaining("nme");
  }
}
