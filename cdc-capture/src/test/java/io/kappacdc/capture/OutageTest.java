package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.TopicReader.Captured;
import io.kappacdc.stack.EmbeddedKafka;
import io.kappacdc.stack.EmbeddedPostgres;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Servers that go away come back; capture waits for them. These tests have servers of their own.
 */
class OutageTest {
  @Test
  void serversThatRestartCostNoChangeAndNoDuplicate() {
    try (Servers servers = Servers.start()) {
      EmbeddedPostgres postgres = servers.postgres();
      EmbeddedKafka kafka = servers.kafka();
      CaptureFixture source = new CaptureFixture(servers);
      source.sql("CREATE TABLE fund (id int PRIMARY KEY, name text)");
      source.start();
      source.sql("INSERT INTO fund SELECT i, 'a' FROM generate_series(1, 100) i");
      source.awaitCaptured();

      kafka.kill();
      source.sql("INSERT INTO fund SELECT i, 'b' FROM generate_series(101, 200) i");
      kafka = kafka.startAgain();
      source.awaitCaptured();

      postgres.kill();
      postgres = postgres.startAgain();
      source.sql("INSERT INTO fund SELECT i, 'c' FROM generate_series(201, 300) i");
      source.awaitCaptured();

      assertThat(source.topics.events("fund"))
          .extracting(Captured::key)
          .containsExactlyElementsOf(
              LongStream.rangeClosed(1, 300).mapToObj(id -> "{\"id\":" + id + "}").toList());
      source.close();
      kafka.close();
      postgres.close();
    }
  }
}
