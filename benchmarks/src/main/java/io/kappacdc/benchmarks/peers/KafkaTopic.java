package io.kappacdc.benchmarks.peers;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.kappacdc.benchmarks.peers.Arrival.Correctness;
import io.kappacdc.benchmarks.peers.Arrival.Progress;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * A topic as a reader of committed records sees it. Visible is a change when a consumer that waits
 * for it has it in hand: the broker's append time is earlier for records of a transaction.
 */
final class KafkaTopic implements Destination {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int PRICE_SCALE = 2;
  private static final String[] COLUMNS = {
    "fund_id", "fund_name", "fund_code", "fund_description", "updated_at", "fund_price"
  };

  private final String topic;
  private final Format format;
  private final Properties consumerSettings = new Properties();
  private final KafkaConsumer<byte[], byte[]> ends;
  private final List<Progress> progress = new ArrayList<>();
  private final Map<Integer, TreeMap<Long, Long>> received = new HashMap<>();
  private final ObjectMapper json =
      new ObjectMapper()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .setNodeFactory(JsonNodeFactory.withExactBigDecimals(true));
  private @Nullable Thread watcher;
  private volatile boolean stopped;
  private volatile boolean watching;

  enum Format {
    KAPPA,
    /** The envelope without its schema; deletes are followed by tombstones. */
    DEBEZIUM
  }

  KafkaTopic(Testbed bed, String topic, Format format) {
    this.topic = topic;
    this.format = format;
    consumerSettings.put("bootstrap.servers", bed.servers().kafka().bootstrapServers());
    consumerSettings.put("isolation.level", "read_committed");
    consumerSettings.put("enable.auto.commit", "false");
    consumerSettings.put("allow.auto.create.topics", "false");
    consumerSettings.put("max.partition.fetch.bytes", Integer.toString(32 << 20));
    consumerSettings.put("max.poll.records", "20000");
    this.ends = consumer();
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        consumerSettings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer) {
    return consumer.listTopics().getOrDefault(topic, List.of()).stream()
        .map(info -> new TopicPartition(topic, info.partition()))
        .toList();
  }

  @Override
  public void measure() {
    Thread thread = new Thread(this::watch, "kafka-reader");
    thread.setDaemon(true);
    watcher = thread;
    thread.start();
    while (!watching) {
      Thread.onSpinWait();
    }
  }

  private void watch() {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      List<TopicPartition> partitions = partitions(consumer);
      partitions.forEach(partition -> received.put(partition.partition(), new TreeMap<>()));
      consumer.assign(partitions);
      consumer.seekToEnd(partitions);
      partitions.forEach(consumer::position); // it seeks only now
      watching = true;
      while (!stopped) {
        var records = consumer.poll(POLL);
        long now = CpuAccount.nowMicros();
        for (TopicPartition partition : records.partitions()) {
          var batch = records.records(partition);
          received.get(partition.partition()).put(batch.get(batch.size() - 1).offset(), now);
        }
      }
    }
  }

  @Override
  public boolean isComplete(Expected expected) {
    List<TopicPartition> partitions = partitions(ends);
    if (partitions.isEmpty()) {
      return false;
    }
    long records = records(partitions);
    long now = CpuAccount.nowMicros();
    if (records > 0 && (progress.isEmpty() || lastStep().records() != records)) {
      progress.add(new Progress(now, records));
      return false;
    }
    long least = expected.changes() + (format == Format.DEBEZIUM ? expected.deletes() : 0);
    return records >= least && now - lastStep().micros() > QUIET_MICROS;
  }

  private long records(List<TopicPartition> partitions) {
    return ends.endOffsets(partitions).values().stream().mapToLong(end -> end).sum();
  }

  boolean hasRecords() {
    return records(partitions(ends)) > 0;
  }

  private Progress lastStep() {
    return progress.get(progress.size() - 1);
  }

  @Override
  public Arrival arrival(Expected expected) throws IOException, InterruptedException {
    stopped = true;
    if (watcher != null) {
      watcher.join();
    }
    Content content = new Content(expected.fromMicros());
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      List<TopicPartition> partitions = partitions(consumer);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < end.get(p))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (record.value() != null) {
            content.add(record);
          }
        }
      }
    }
    return new Arrival(
        "Kafka",
        "every change: in the hands of a reader of committed records",
        progress,
        content.latency,
        Correctness.ofHistory(expected, content.changes, content.identities.size(), content.state));
  }

  /** What the records say. */
  private final class Content {
    private final long fromMicros;
    private final Histogram latency = Arrival.histogram();
    private final Set<String> identities = new HashSet<>();
    private final Map<Integer, String> state = new HashMap<>();
    private long changes;

    Content(long fromMicros) {
      this.fromMicros = fromMicros;
    }

    void add(ConsumerRecord<byte[], byte[]> record) throws IOException {
      JsonNode change = json.readTree(record.value());
      boolean kappa = format == Format.KAPPA;
      JsonNode source = kappa ? change : change.path("source");
      String op = change.path("op").asText();
      JsonNode row = change.path(op.equals("d") ? "before" : "after");
      int key = row.path("fund_id").intValue();
      changes++;
      identities.add(source.path("lsn").asText() + (kappa ? "/" + change.path("ord") : op + key));
      if (op.equals("d")) {
        state.remove(key);
      } else {
        state.put(key, digest(row));
      }
      long committed = source.path("ts_us").longValue();
      Map.Entry<Long, Long> seen =
          received.getOrDefault(record.partition(), new TreeMap<>()).ceilingEntry(record.offset());
      if (committed >= fromMicros && seen != null) {
        Arrival.record(latency, seen.getValue() - committed, 1);
      }
    }
  }

  /** As {@link FundMetadataWorkload#DIGEST} has it. */
  private static String digest(JsonNode row) {
    StringJoiner text = new StringJoiner("|");
    for (String column : COLUMNS) {
      JsonNode value = row.path(column);
      if (value.isNumber()) {
        text.add(value.decimalValue().toPlainString());
      } else if (column.equals("fund_price") && value.isTextual()) {
        text.add(decimal(value.asText()).toPlainString());
      } else if (value.isTextual()) {
        text.add(value.asText());
      }
    }
    try {
      byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /** Debezium's default for numeric: the unscaled value's bytes in base64. */
  private static BigDecimal decimal(String base64) {
    byte[] unscaled = Base64.getDecoder().decode(base64);
    return new BigDecimal(new BigInteger(unscaled), PRICE_SCALE);
  }

  @Override
  public void close() {
    stopped = true;
    ends.close();
  }
}
