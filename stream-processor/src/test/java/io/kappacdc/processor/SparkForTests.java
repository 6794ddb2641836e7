package io.kappacdc.processor;

import io.kappacdc.processor.lake.LakeSession;
import org.apache.spark.sql.SparkSession;

/** One local Spark for all tests of the module. */
public final class SparkForTests {
  private static final SparkSession SESSION =
      LakeSession.configure(SparkSession.builder().master("local[2]").appName("tests"))
          .config("spark.driver.bindAddress", "127.0.0.1")
          .config("spark.driver.host", "127.0.0.1")
          .config("spark.sql.warehouse.dir", System.getProperty("java.io.tmpdir") + "/warehouse")
          .getOrCreate();

  private SparkForTests() {}

  public static SparkSession session() {
    return SESSION;
  }
}
