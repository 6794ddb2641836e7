package io.kappacdc.capture.source;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.storage.OffsetBackingStore;
import org.apache.kafka.connect.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * The offset as Debezium sees it: what Kafka held when capture started, then each offset that was
 * committed there since. The publisher commits the offset with the data, in the same Kafka
 * transaction, and only then hands it to Debezium, so the slot never moves beyond what Kafka holds.
 *
 * <p>One engine has one source partition, so one offset is all there is. Thread-safe.
 */
public final class CommittedOffsetStore implements OffsetBackingStore {
  /** Setting with the offset to start from, as JSON; without it there is none. */
  static final String INITIAL_OFFSET = "kappa.initial.offset";

  private volatile @Nullable ByteBuffer offset;

  @Override
  public void configure(WorkerConfig config) {
    String initial = config.originalsStrings().get(INITIAL_OFFSET);
    if (initial != null) {
      offset = ByteBuffer.wrap(initial.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void start() {}

  @Override
  public void stop() {}

  @Override
  public Future<Map<ByteBuffer, ByteBuffer>> get(Collection<ByteBuffer> keys) {
    Map<ByteBuffer, ByteBuffer> offsets = new HashMap<>();
    ByteBuffer current = offset;
    if (current != null) {
      keys.forEach(key -> offsets.put(key, current.duplicate()));
    }
    return CompletableFuture.completedFuture(offsets);
  }

  @Override
  public Future<Void> set(Map<ByteBuffer, ByteBuffer> values, Callback<Void> callback) {
    values.values().forEach(value -> offset = value);
    callback.onCompletion(null, null);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public Set<Map<String, Object>> connectorPartitions(String connectorName) {
    return Set.of();
  }
}
