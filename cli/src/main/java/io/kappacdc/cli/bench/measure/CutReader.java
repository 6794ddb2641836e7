package io.kappacdc.cli.bench.measure;

import io.kappacdc.cli.config.KafkaAddress;
import io.kappacdc.cli.status.KafkaStatus;
import io.kappacdc.event.Cut;
import io.kappacdc.event.wire.CutJson;
import io.kappacdc.event.wire.TopicNames;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads cuts as they come. A cut is in the Kafka transaction of its changes, so a reader of
 * committed records that gets the cut could have got them. For one thread.
 */
public final class CutReader implements Watch.Look, AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofSeconds(1);

  private final KafkaAddress kafka;
  private final TopicPartition cuts;
  private final Stage stage;
  private @Nullable Consumer<byte[], byte[]> consumer;

  /** Begins behind the cuts that are there now. */
  public CutReader(KafkaAddress kafka, TopicNames topics, Stage stage) {
    this.kafka = kafka;
    this.cuts = new TopicPartition(topics.cuts(), 0);
    this.stage = stage;
    this.consumer = connected();
  }

  private Consumer<byte[], byte[]> connected() {
    Consumer<byte[], byte[]> fresh = KafkaStatus.consumer(kafka, TIMEOUT);
    fresh.assign(List.of(cuts));
    fresh.seekToEnd(List.of(cuts));
    fresh.position(cuts);
    return fresh;
  }

  @Override
  public void look() {
    if (consumer == null) {
      consumer = connected();
    }
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      reached(CutJson.read(record.value()), Watch.nowMicros());
    }
  }

  private void reached(Cut cut, long nowMicros) {
    for (Map.Entry<String, long[]> topic : cut.endOffsets().entrySet()) {
      long[] ends = topic.getValue();
      for (int partition = 0; partition < ends.length; partition++) {
        stage.reached(new PartitionId(topic.getKey(), partition), nowMicros, ends[partition]);
      }
    }
  }

  @Override
  public void close() {
    if (consumer != null) {
      consumer.close();
      consumer = null;
    }
  }
}
