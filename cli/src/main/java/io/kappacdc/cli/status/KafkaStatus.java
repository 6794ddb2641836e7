package io.kappacdc.cli.status;

import io.kappacdc.cli.config.KafkaAddress;
import io.kappacdc.event.Cut;
import io.kappacdc.event.wire.CutJson;
import io.kappacdc.event.wire.TopicNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * What Kafka holds.
 *
 * @param endOffsets for each table's topic, the end offsets of its partitions' committed records
 * @param cuts the last cuts, oldest first
 */
public record KafkaStatus(SortedMap<String, long[]> endOffsets, List<Cut> cuts) {
  private static final int CUT_RECORDS_MAX = 400;

  public KafkaStatus {
    endOffsets = Collections.unmodifiableSortedMap(new TreeMap<>(endOffsets));
    cuts = List.copyOf(cuts);
  }

  /** The newest cut; null before the first. */
  public @Nullable Cut lastCut() {
    return cuts.isEmpty() ? null : cuts.get(cuts.size() - 1);
  }

  static KafkaStatus read(KafkaAddress kafka, TopicNames topics, Duration timeout) {
    try (Consumer<byte[], byte[]> consumer = consumer(kafka, timeout)) {
      Map<String, List<PartitionInfo>> all = consumer.listTopics();
      return new KafkaStatus(ends(consumer, tables(all, topics)), cuts(consumer, all, topics));
    }
  }

  /** A consumer without a group that sees committed records only. */
  public static Consumer<byte[], byte[]> consumer(KafkaAddress kafka, Duration timeout) {
    String millis = Long.toString(timeout.toMillis());
    Map<String, Object> properties = kafka.properties();
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
    properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** The partitions of the tables' topics among {@code all}. */
  public static List<TopicPartition> tables(
      Map<String, List<PartitionInfo>> all, TopicNames topics) {
    Pattern tables = Pattern.compile(topics.tablePattern());
    return all.entrySet().stream()
        .filter(topic -> tables.matcher(topic.getKey()).matches())
        .flatMap(topic -> topic.getValue().stream())
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .toList();
  }

  private static SortedMap<String, long[]> ends(
      Consumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
    TreeMap<String, long[]> ends = new TreeMap<>();
    consumer
        .endOffsets(partitions)
        .forEach(
            (partition, end) -> {
              long[] known = ends.getOrDefault(partition.topic(), new long[0]);
              long[] wide = Arrays.copyOf(known, Math.max(known.length, partition.partition() + 1));
              wide[partition.partition()] = end;
              ends.put(partition.topic(), wide);
            });
    return ends;
  }

  private static List<Cut> cuts(
      Consumer<byte[], byte[]> consumer, Map<String, List<PartitionInfo>> all, TopicNames topics) {
    if (!all.containsKey(topics.cuts())) {
      return List.of();
    }
    TopicPartition partition = new TopicPartition(topics.cuts(), 0);
    List<TopicPartition> partitions = List.of(partition);
    consumer.assign(partitions);
    long end = consumer.endOffsets(partitions).get(partition);
    long beginning = consumer.beginningOffsets(partitions).get(partition);
    consumer.seek(partition, Math.max(beginning, end - CUT_RECORDS_MAX));
    List<Cut> cuts = new ArrayList<>();
    while (consumer.position(partition) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
        Cut cut = CutJson.read(record.value());
        if (cut.isComplete()) {
          cuts.add(cut);
        }
      }
    }
    return cuts;
  }
}
