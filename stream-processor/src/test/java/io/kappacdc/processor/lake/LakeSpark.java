package io.kappacdc.processor.lake;

import org.apache.spark.sql.SparkSession;

/** The one Spark session of the tests of a run. */
final class LakeSpark {
  private LakeSpark() {}

  static SparkSession session() {
    return Holder.SESSION;
  }

  private static final class Holder {
    private static final SparkSession SESSION =
        LakeSession.local(
                LakeSession.configure(
                    SparkSession.builder().master("local[2]").appName("lake-tests")))
            .config("spark.sql.warehouse.dir", System.getProperty("java.io.tmpdir") + "/warehouse")
            .getOrCreate();

    static {
      SESSION.sparkContext().setLogLevel("WARN");
    }
  }
}
