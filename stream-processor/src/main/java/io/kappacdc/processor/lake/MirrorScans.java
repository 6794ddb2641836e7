package io.kappacdc.processor.lake;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** The scans of a mirror's files that were used last, as each costs a broadcast to make. */
final class MirrorScans {
  private static final int SCANS_MAX = 8;

  private final SparkSession spark;
  private final Map<StructType, ParquetScan> byFields =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<StructType, ParquetScan> eldest) {
          return size() > SCANS_MAX;
        }
      };

  MirrorScans(SparkSession spark) {
    this.spark = spark;
  }

  ParquetScan of(StructType fields) {
    return byFields.computeIfAbsent(fields, f -> ParquetScan.create(spark, f));
  }
}
