package io.kappacdc.processor.stream;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.wire.EventWriter;
import io.kappacdc.event.wire.TopicNames;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A batch of records made by a test, whose tasks run here after a trip through serialization, as to
 * an executor.
 */
public final class RecordsBatch implements ChangeBatch {
  private final Map<TopicPartition, List<KafkaRecord>> slices = new LinkedHashMap<>();
  private final EventWriter writer = new EventWriter();

  /** Adds an event to a partition of its table's topic. */
  public RecordsBatch add(TopicNames topics, int partition, long offset, ChangeEvent event) {
    String topic = topics.table(event.schema().schema(), event.schema().table());
    return add(new KafkaRecord(topic, partition, offset, writer.key(event), writer.write(event)));
  }

  public RecordsBatch add(KafkaRecord record) {
    slices
        .computeIfAbsent(
            new TopicPartition(record.topic(), record.partition()), ignored -> new ArrayList<>())
        .add(record);
    return this;
  }

  @Override
  public long batchId() {
    return 0;
  }

  @Override
  public <R extends Serializable> List<R> forEachSlice(SliceTask<R> task) {
    List<R> results = new ArrayList<>();
    slices.forEach(
        (partition, records) -> {
          try {
            results.add(copy(copy(task).run(partition, records.iterator())));
          } catch (RuntimeException e) {
            throw e;
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    return results;
  }

  @SuppressWarnings("unchecked")
  private static <T> T copy(T object) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (T) in.readObject();
    }
  }
}
