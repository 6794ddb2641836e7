package io.kappacdc.processor;

import io.kappacdc.processor.lake.LakeSession;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Starts Spark for the processor: as spark-submit says, or in this JVM. */
final class ProcessorSession {
  private ProcessorSession() {}

  static SparkSession start(ProcessorSettings settings) {
    SparkConf submitted = new SparkConf();
    SparkSession.Builder builder = SparkSession.builder().config(submitted);
    if (!submitted.contains("spark.master")) {
      builder.master(settings.master());
      if (settings.master().startsWith("local")) {
        LakeSession.local(builder);
      }
    }
    if (!submitted.contains("spark.app.name")) {
      builder.appName("kappa-cdc");
    }
    return LakeSession.configure(builder)
        .config("spark.scheduler.mode", "FAIR")
        .config("spark.sql.streaming.pollingDelay", "1ms")
        .config("spark.sql.streaming.minBatchesToRetain", "2")
        .config("spark.sql.streaming.stopTimeout", "30s")
        .config("spark.sql.streaming.metricsEnabled", "false")
        .getOrCreate();
  }
}
