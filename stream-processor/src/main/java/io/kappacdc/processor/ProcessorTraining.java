package io.kappacdc.processor;

import io.kappacdc.processor.lake.LakeSparkSession;
import io.kappacdc.runtime.training.ClassPathJars;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;

/**
 * Loads the classes that the processor and the commands with Spark need, for an archive of them,
 * and ends: a query that streams into a Delta table, a query of that table, and what lies behind
 * them.
 */
final class ProcessorTraining {
  private static final List<String> JARS =
      List.of(
          "stream-processor-",
          "events-",
          "runtime-",
          "telemetry-",
          "spark-sql-kafka-",
          "delta-storage-",
          "kafka-clients-",
          "postgresql-",
          "HikariCP-",
          "jackson-databind-",
          "picocli-",
          "snakeyaml-engine-",
          "micrometer-",
          "prometheus-metrics-",
          "parquet-column-",
          "parquet-encoding-",
          "parquet-hadoop-",
          "parquet-format-structures-");

  private ProcessorTraining() {}

  public static void main(String[] arguments)
      throws IOException, TimeoutException, StreamingQueryException {
    Path directory = Files.createTempDirectory("kappa-training");
    try (LakeSparkSession spark = LakeSparkSession.start("kappa training")) {
      use(spark.session(), directory);
    } finally {
      FileUtil.fullyDelete(directory.toFile());
    }
    System.out.println(ClassPathJars.load(JARS) + " classes of the processor beside Spark's");
  }

  private static void use(SparkSession session, Path directory)
      throws TimeoutException, StreamingQueryException {
    String table = directory.resolve("table").toString();
    session
        .readStream()
        .format("rate-micro-batch")
        .option("rowsPerBatch", 10)
        .load()
        .writeStream()
        .option("checkpointLocation", directory.resolve("checkpoint").toString())
        .trigger(Trigger.AvailableNow())
        .foreachBatch(
            (Dataset<Row> batch, Long number) ->
                batch.write().format("delta").mode("append").save(table))
        .start()
        .awaitTermination();
    session
        .sql(
            "SELECT value % 3, count(*), max(timestamp) FROM delta.`"
                + table
                + "` WHERE value >= 0 GROUP BY 1 ORDER BY 1")
        .show();
  }
}
