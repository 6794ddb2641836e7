package io.kappacdc.processor.lake;

import io.kappacdc.benchmarks.Workload;
import io.kappacdc.event.ChangeEvent;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** A decoded event to Spark's row, and a slice to the latest change of each key. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Fork(
    value = 2,
    jvmArgs = {"-Xms512m", "-Xmx512m", "-XX:+UseSerialGC"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class LakeBenchmark {
  @Param public Workload workload = Workload.FUND_METADATA;

  private LakeSchema columns = LakeSchema.EMPTY;
  private @Nullable RowEncoder encoder;
  private @Nullable InternalRow row;
  private ChangeEvent[] events = {};

  @Setup
  public void prepare() {
    columns = ((LakeSchema.Fit.Fits) LakeSchema.EMPTY.fit(workload.schema())).merged();
    encoder = new RowEncoder(columns, workload.schema());
    row = new SpecificInternalRow(columns.physical(MetadataColumns.NONE));
    events = workload.events().toArray(ChangeEvent[]::new);
  }

  @Benchmark
  @OperationsPerInvocation(Workload.EVENTS)
  public void encodeToSparkRow(Blackhole sink) {
    for (ChangeEvent event : events) {
      sink.consume(encoder.fill(row, event.image()));
      sink.consume(row);
    }
  }

  @Benchmark
  @OperationsPerInvocation(Workload.EVENTS)
  public void latestPerKey(Blackhole sink) {
    KeyReducer reducer = new KeyReducer(null);
    for (ChangeEvent event : events) {
      sink.consume(reducer.add(event, columns));
    }
    sink.consume(reducer.changes());
  }
}
