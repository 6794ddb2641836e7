import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.when;

import io.delta.tables.DeltaTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.types.StructType;

/**
 * The recipe of many tutorials: one foreachBatch that appends to PostgreSQL, appends to Delta and
 * merges. Nothing makes a repeated batch harmless.
 *
 * <p>{@code stream BOOTSTRAP TOPIC JDBC_URL USER LAKE}, with SINK_PASSWORD in the environment; or
 * {@code rows SQL FILE}: the result of a query, tab-separated.
 */
public final class PlainRecipe {
  private static final String ROW =
      "struct<fund_id:int,fund_name:string,fund_code:string,fund_description:string,"
          + "updated_at:bigint,fund_price:decimal(10,2)>";
  private static final String ENVELOPE =
      "before " + ROW + ", after " + ROW + ", op string, source struct<ts_us:bigint,lsn:bigint>";

  private PlainRecipe() {}

  public static void main(String[] arguments) throws Exception {
    SparkSession spark =
        SparkSession.builder()
            .master("local[*]")
            .appName("plain-recipe")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "4")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config(
                "spark.sql.catalog.spark_catalog",
                "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .getOrCreate();
    spark.sparkContext().setLogLevel("ERROR");
    if (arguments[0].equals("rows")) {
      List<String> lines = new ArrayList<>();
      for (Row row : spark.sql(arguments[1]).collectAsList()) {
        lines.add(row.mkString("\t"));
      }
      Files.write(Path.of(arguments[2]), lines);
      spark.stop();
      return;
    }
    stream(spark, arguments[1], arguments[2], arguments[3], arguments[4], arguments[5])
        .awaitTermination();
  }

  private static StreamingQuery stream(
      SparkSession spark, String bootstrap, String topic, String url, String user, String lake)
      throws Exception {
    Properties sink = new Properties();
    sink.put("user", user);
    sink.put("password", System.getenv("SINK_PASSWORD"));
    sink.put("driver", "org.postgresql.Driver");
    DeltaTable mirror =
        DeltaTable.createIfNotExists(spark)
            .location(lake + "/mirror")
            .addColumn("fund_id", "int")
            .addColumn("fund_name", "string")
            .addColumn("fund_code", "string")
            .addColumn("fund_description", "string")
            .addColumn("updated_at", "bigint")
            .addColumn("fund_price", "decimal(10,2)")
            .execute();
    Dataset<Row> changes =
        spark
            .readStream()
            .format("kafka")
            .option("kafka.bootstrap.servers", bootstrap)
            .option("subscribe", topic)
            .option("startingOffsets", "earliest")
            .load()
            .filter("value is not null")
            .select(
                from_json(
                        col("value").cast("string"),
                        StructType.fromDDL(ENVELOPE))
                    .as("change"))
            .select(
                when(col("change.op").equalTo("d"), col("change.before"))
                    .otherwise(col("change.after"))
                    .as("row"),
                col("change.op").as("op"),
                col("change.source.ts_us").as("ts_us"),
                col("change.source.lsn").as("lsn"))
            .select("row.*", "op", "ts_us", "lsn");
    return changes
        .writeStream()
        .option("checkpointLocation", lake + "/checkpoint")
        .foreachBatch(
            (VoidFunction2<Dataset<Row>, Long>)
                (batch, id) -> {
                  batch.persist();
                  batch.write().mode(SaveMode.Append).jdbc(url, "public.fund_trail", sink);
                  batch.write().format("delta").mode(SaveMode.Append).save(lake + "/trail");
                  merge(mirror, batch);
                  batch.unpersist();
                })
        .start();
  }

  private static void merge(DeltaTable mirror, Dataset<Row> batch) {
    Dataset<Row> latest =
        batch
            .withColumn(
                "rank",
                row_number()
                    .over(Window.partitionBy("fund_id").orderBy(col("lsn").desc())))
            .filter("rank = 1");
    mirror
        .as("m")
        .merge(latest.as("c"), "m.fund_id = c.fund_id")
        .whenMatched("c.op = 'd'")
        .delete()
        .whenMatched()
        .updateExpr(columns())
        .whenNotMatched("c.op <> 'd'")
        .insertExpr(columns())
        .execute();
  }

  private static Map<String, String> columns() {
    Map<String, String> columns = new HashMap<>();
    for (String name :
        "fund_id fund_name fund_code fund_description updated_at fund_price".split(" ")) {
      columns.put(name, "c." + name);
    }
    return columns;
  }
}
