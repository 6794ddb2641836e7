import io.delta.tables.DeltaTable;
import org.apache.spark.sql.SparkSession;

/** Deletes rows of a Delta table by hand, as a person with Spark would: path, condition. */
public final class DeleteFromMirror {
  public static void main(String[] arguments) {
    SparkSession spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config(
                "spark.sql.catalog.spark_catalog",
                "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .getOrCreate();
    DeltaTable.forPath(spark, arguments[0]).delete(arguments[1]);
    spark.stop();
  }
}
