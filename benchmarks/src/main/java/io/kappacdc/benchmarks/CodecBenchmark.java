package io.kappacdc.benchmarks;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Position;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.EventReader;
import io.kappacdc.event.wire.EventWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

/** What every event passes on its way, whatever the store: time for one event. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Fork(
    value = 2,
    jvmArgs = {"-Xms512m", "-Xmx512m", "-XX:+UseSerialGC"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {
  /** Schemas that a processor knows of. */
  private static final int SCHEMAS = 200;

  @Param public Workload workload = Workload.FUND_METADATA;

  private final EventWriter writer = new EventWriter();
  private final Map<String, TableSchema> schemas = new ConcurrentHashMap<>();
  private EventReader reader = new EventReader(schemas::get);
  private ChangeEvent[] events = {};
  private byte[][] values = {};
  private String[] ids = {};

  @Setup
  public void prepare() {
    TableSchema schema = workload.schema();
    for (int i = 0; i < SCHEMAS; i++) {
      schemas.put("%016x".formatted(i * 0x9E3779B97F4A7C15L), schema);
    }
    schemas.put(schema.id(), schema);
    ids = schemas.keySet().toArray(String[]::new);
    reader = new EventReader(schemas::get);
    List<ChangeEvent> batch = workload.events();
    events = batch.toArray(ChangeEvent[]::new);
    values = batch.stream().map(writer::write).toArray(byte[][]::new);
  }

  @Benchmark
  @OperationsPerInvocation(Workload.EVENTS)
  public void encode(Blackhole sink) {
    for (ChangeEvent event : events) {
      sink.consume(writer.write(event));
    }
  }

  @Benchmark
  @OperationsPerInvocation(Workload.EVENTS)
  public void decode(Blackhole sink) {
    for (byte[] value : values) {
      sink.consume(reader.read(value));
    }
  }

  /** Each event's position against the one before. */
  @Benchmark
  @OperationsPerInvocation(Workload.EVENTS)
  public int comparePositions() {
    Position last = Position.ORIGIN;
    int later = 0;
    for (ChangeEvent event : events) {
      later += event.position().isAfter(last) ? 1 : 0;
      last = event.position();
    }
    return later;
  }

  /** A schema by its id, among those of a processor that knows 200. */
  @Benchmark
  @OperationsPerInvocation(SCHEMAS + 1)
  public void lookUpSchema(Blackhole sink) {
    for (String id : ids) {
      sink.consume(schemas.get(id));
    }
  }
}
