package io.kappacdc.capture.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.debezium.pipeline.DataChangeEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Events come whole and in order, and the reader waits when nobody takes them. */
@Timeout(60)
class EventQueueTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private static final Schema VALUE =
      SchemaBuilder.struct().field("text", Schema.STRING_SCHEMA).build();

  private final EventQueue queue = new EventQueue();
  private Thread reader = new Thread(() -> {});

  @AfterEach
  void stop() throws InterruptedException {
    reader.interrupt();
    reader.join();
  }

  @Test
  void eventsAreTakenInTheirOrder() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      queue.enqueue(event(i, ""));
    }

    assertThat(values(queue.take(LONG))).containsExactly(0, 1, 2);
    assertThat(queue.size()).isZero();
    assertThat(queue.take(Duration.ZERO)).isEmpty();
  }

  @Test
  void whoWaitsGetsWhatComes() throws InterruptedException {
    read(1, "");

    assertThat(values(queue.take(LONG))).containsExactly(0);
  }

  @Test
  void aReaderWaitsWhileTheQueueIsFull() throws InterruptedException {
    int events = 3 * EventQueue.EVENTS_MAX + 1;
    read(events, "");
    await().until(() -> reader.getState() == Thread.State.WAITING);
    assertThat(queue.size()).isEqualTo(EventQueue.EVENTS_MAX);

    List<Integer> taken = new ArrayList<>();
    while (taken.size() < events) {
      taken.addAll(values(queue.take(LONG)));
    }

    assertThat(taken).isEqualTo(IntStream.range(0, events).boxed().toList());
  }

  @Test
  void aReaderWaitsWhenItsEventsAreLarge() throws InterruptedException {
    String large = "x".repeat((int) EventQueue.BYTES_MAX / 4);
    read(100, large);
    await().until(() -> reader.getState() == Thread.State.WAITING);
    assertThat(queue.size()).isBetween(1, 5);

    // Debezium itself takes single ones when nothing has come for a while.
    DataChangeEvent first = queue.poll();
    assertThat(first).isNotNull();
    assertThat(values(List.of(first.getRecord()))).containsExactly(0);
    List<Integer> taken = new ArrayList<>();
    while (taken.size() < 99) {
      taken.addAll(values(queue.take(LONG)));
    }
    assertThat(taken).isEqualTo(IntStream.range(1, 100).boxed().toList());
  }

  private void read(int events, String text) {
    reader =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < events; i++) {
                  queue.enqueue(event(i, text));
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    reader.start();
  }

  private static DataChangeEvent event(int number, String text) {
    Struct value = new Struct(VALUE).put("text", text);
    return new DataChangeEvent(
        new SourceRecord(Map.of(), Map.of("number", number), "topic", VALUE, value));
  }

  private static List<Integer> values(List<SourceRecord> records) {
    return records.stream().map(record -> (Integer) record.sourceOffset().get("number")).toList();
  }
}
