package io.kappacdc.processor.verify;

import io.kappacdc.processor.lake.LakeSession;
import io.kappacdc.stack.LocalStack;
import org.apache.spark.sql.SparkSession;

/** Real servers and Spark, started once for all tests and ended with the JVM. */
final class TestStack {
  static final LocalStack STACK = LocalStack.startTemporary();
  static final SparkSession SPARK =
      LakeSession.configure(SparkSession.builder().appName("test").master("local[2]"))
          .getOrCreate();

  private TestStack() {}

  static DatabaseAddress source() {
    return new DatabaseAddress(
        STACK.source().jdbcUrl("postgres"), STACK.source().user(), STACK.source().password());
  }

  static DatabaseAddress sink() {
    return new DatabaseAddress(
        STACK.sink().jdbcUrl("postgres"), STACK.sink().user(), STACK.sink().password());
  }
}
