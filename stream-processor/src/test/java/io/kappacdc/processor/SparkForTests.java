package io.kappacdc.processor;

import org.apache.spark.sql.SparkSession;

/** One local Spark for all tests of the module. */
public final class SparkForTests {
  private static final SparkSession SESSION =
      SparkSession.builder()
          .master("local[2]")
          .config("spark.ui.enabled", "false")
          .config("spark.sql.shuffle.partitions", "2")
          .config("spark.sql.session.timeZone", "UTC")
          .config("spark.driver.bindAddress", "127.0.0.1")
          .config("spark.driver.host", "127.0.0.1")
          .getOrCreate();

  private SparkForTests() {}

  public static SparkSession session() {
    return SESSION;
  }
}
