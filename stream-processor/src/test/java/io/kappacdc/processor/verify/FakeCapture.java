package io.kappacdc.processor.verify;

import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.wire.CutJson;
import io.kappacdc.event.wire.TopicNames;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Publishes cuts at the source's own LSN, with end offsets made up by the test. */
final class FakeCapture implements AutoCloseable {
  private final KafkaProducer<byte[], byte[]> producer;
  private final Connection source;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final String topic;
  private volatile SortedMap<String, long[]> endOffsets = new TreeMap<>();
  private SortedSet<String> unread = new TreeSet<>();
  private int cutsUntilRead;
  private Step onRead = lsn -> {};

  FakeCapture(String prefix) throws Exception {
    topic = new TopicNames(prefix).cuts();
    Map<String, Object> properties =
        Map.of("bootstrap.servers", TestStack.STACK.kafka().bootstrapServers());
    try (Admin admin = Admin.create(properties)) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
    producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    source = TestStack.source().connect();
    timer.scheduleWithFixedDelay(this::publish, 0, 50, TimeUnit.MILLISECONDS);
  }

  void endOffsets(SortedMap<String, long[]> offsets) {
    endOffsets = offsets;
  }

  /** What a test does amid the cuts. */
  interface Step {
    /** Does it when the source is at this LSN. */
    void run(long lsn) throws Exception;
  }

  /** From now on a table is being read; its rows are there after so many cuts. */
  synchronized void reads(String tableTopic, int cuts, Step rowsArrive) {
    unread = new TreeSet<>(Set.of(tableTopic));
    cutsUntilRead = cuts;
    onRead = rowsArrive;
  }

  private synchronized void publish() {
    try (Statement sql = source.createStatement();
        ResultSet row = sql.executeQuery("SELECT pg_current_wal_flush_lsn()::text")) {
      row.next();
      long lsn = Lsn.parse(row.getString(1));
      producer.send(new ProducerRecord<>(topic, 0, null, CutJson.write(cut(lsn))));
      producer.flush();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private Cut cut(long lsn) throws Exception {
    if (!unread.isEmpty() && cutsUntilRead-- == 0) {
      onRead.run(lsn);
      unread = new TreeSet<>();
    }
    return new Cut(Cut.State.COMPLETE, lsn, 0, 1, endOffsets, unread);
  }

  void stop() {
    timer.shutdownNow();
  }

  @Override
  public void close() throws Exception {
    stop();
    timer.awaitTermination(10, TimeUnit.SECONDS);
    producer.close(Duration.ofSeconds(1));
    source.close();
  }
}
