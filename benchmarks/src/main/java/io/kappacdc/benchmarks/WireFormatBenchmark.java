package io.kappacdc.benchmarks;

import com.sun.management.ThreadMXBean;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.TableSchema;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What it costs to encode and to decode one event, over batches of {@link Workload#EVENTS}.
 *
 * <p>Made for machines that others use too: it counts the thread's CPU time rather than elapsed
 * time, warms up by a number of batches rather than by the clock, and lets the compiler finish
 * before it goes on ({@code -Xbatch}). JMH's own score is the elapsed time of an iteration.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@State(Scope.Thread)
@Fork(
    value = 3,
    jvmArgs = {"-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", "-Xbatch"})
@Warmup(iterations = 8, batchSize = WireFormatBenchmark.BATCHES)
@Measurement(iterations = 6, batchSize = WireFormatBenchmark.BATCHES)
public class WireFormatBenchmark {
  /** Batches in an iteration. */
  static final int BATCHES = 100;

  @Param public Workload workload = Workload.FUND_METADATA;
  @Param public Candidate candidate = Candidate.NAMED_JSON;

  private WireFormat format = Candidate.NAMED_JSON.forTable(workload.schema());
  private ChangeEvent[] events = {};
  private byte[][] values = {};

  @Setup
  public void prepare() {
    TableSchema schema = workload.schema();
    format = candidate.forTable(schema);
    List<ChangeEvent> batch = workload.events();
    events = batch.toArray(ChangeEvent[]::new);
    values = batch.stream().map(format::encode).toArray(byte[][]::new);
  }

  /** Counts of an iteration; reading the clocks costs less than 1 % of a batch. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Meter {
    private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    public long cpuNanos;
    public long allocatedBytes;
    public long events;

    private long cpuAtStart;
    private long allocatedAtStart;

    private void start() {
      allocatedAtStart = THREAD.getCurrentThreadAllocatedBytes();
      cpuAtStart = THREAD.getCurrentThreadCpuTime();
    }

    private void stop() {
      cpuNanos += THREAD.getCurrentThreadCpuTime() - cpuAtStart;
      allocatedBytes += THREAD.getCurrentThreadAllocatedBytes() - allocatedAtStart;
      events += Workload.EVENTS;
    }
  }

  @Benchmark
  public void encode(Meter meter, Blackhole sink) {
    meter.start();
    for (ChangeEvent event : events) {
      sink.consume(format.encode(event));
    }
    meter.stop();
  }

  @Benchmark
  public void decode(Meter meter, Blackhole sink) {
    meter.start();
    for (byte[] value : values) {
      sink.consume(format.decode(value));
    }
    meter.stop();
  }
}
