package io.kappacdc.processor.lake;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Column;
import io.kappacdc.event.Position;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.lake.KeyedRows.Kind;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Planning what a batch does to a mirror: where the rows of its keys are, and where they are
 * afterwards. Time for one key, in an index of a million.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Fork(
    value = 2,
    jvmArgs = {"-Xms1g", "-Xmx1g", "-XX:+UseSerialGC"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class KeyIndexBenchmark {
  private static final int TABLE = 1_000_000;
  private static final int BATCH = 10_000;
  private static final int FILES = 16;

  /** What the key is. */
  @Param({"bigint", "text"})
  public String keyType = "bigint";

  private final KeyedRows batch = new KeyedRows();
  private final long[] places = new long[BATCH];
  private @Nullable KeyIndex index;
  private @Nullable KeyCodec codec;
  private @Nullable TableSchema schema;

  @Setup
  public void prepare() {
    schema =
        new TableSchema(
            "public",
            "t",
            List.of(Column.of("id", keyType)),
            List.of("id"),
            ReplicaIdentity.DEFAULT);
    LakeSchema columns = ((LakeSchema.Fit.Fits) LakeSchema.EMPTY.fit(schema)).merged();
    codec = KeyCodec.ofKeys(columns, schema.key());
    index = codec.isLong() ? new LongKeyIndex() : new BytesKeyIndex();
    KeyedRows all = new KeyedRows();
    long[] first = new long[TABLE];
    for (int i = 0; i < TABLE; i++) {
      add(all, i, i / FILES);
      first[i] = KeyIndex.place(i % FILES, i / FILES);
    }
    index.put(all, first);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < BATCH; i++) {
      add(batch, random.nextInt(TABLE), i);
      places[i] = KeyIndex.place(FILES, i);
    }
  }

  private void add(KeyedRows rows, int key, int row) {
    String text = keyType.equals("text") ? "customer-" + key : Integer.toString(key);
    Row image = Row.of(new String[] {text});
    Position position = new Position(1, 1);
    ChangeEvent event = ChangeEvent.create(new Origin(position, 1, 1), schema, image);
    rows.add(codec.encode(event, image), Kind.WHOLE, row, position);
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public long[] findThePlacesOfABatch() {
    return index.find(batch);
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void setThePlacesOfABatch() {
    index.put(batch, places);
  }

  @TearDown
  public void close() {
    index.close();
  }
}
