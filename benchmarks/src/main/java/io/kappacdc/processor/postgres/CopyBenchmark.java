package io.kappacdc.processor.postgres;

import io.kappacdc.benchmarks.Workload;
import io.kappacdc.event.ChangeEvent;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
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

/** A decoded event to its line of COPY: time for one event. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Fork(
    value = 2,
    jvmArgs = {"-Xms512m", "-Xmx512m", "-XX:+UseSerialGC"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CopyBenchmark {
  @Param public Workload workload = Workload.FUND_METADATA;

  private CopyText copy = new CopyText(workload.schema(), Instant.EPOCH);
  private ChangeEvent[] events = {};

  @Setup
  public void prepare() {
    copy = new CopyText(workload.schema(), Instant.EPOCH);
    events = workload.events().toArray(ChangeEvent[]::new);
  }

  @Benchmark
  @OperationsPerInvocation(Workload.EVENTS)
  public void encodeToCopy(Blackhole sink) {
    for (ChangeEvent event : events) {
      sink.consume(copy.line(event));
    }
  }
}
