package io.kappacdc.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessorStatusTest {
  @TempDir Path home;

  @Test
  void readsWhatTheProcessorWrites() throws IOException {
    write(
        """
        {"writtenMillis":1730000000123,"httpUrl":"http://127.0.0.1:9405","sinks":[{"name":"delta-trail","running":true,"rows":7,
        "batches":2,"lastCommitMillis":1730000000000,"lastBatchMillis":480,"restarts":1,
        "lastError":"X: \\"y\\"","latencyMillis":{"p50":200,"p99":900,"max":1000},
        "stopped":{"t-0":"a reason"},"quarantined":3,"completeLsn":"0/1A2B3C8","completeMicros":1730000000123456,
        "positions":{"t":[3,4]}}]}""");

    ProcessorStatus status = ProcessorStatus.read(home).orElseThrow();

    assertThat(status.writtenMillis()).isEqualTo(1730000000123L);
    assertThat(status.httpUrl()).isEqualTo("http://127.0.0.1:9405");
    ProcessorStatus.SinkProgress sink = status.sink("delta-trail").orElseThrow();
    assertThat(sink.running()).isTrue();
    assertThat(sink.rows()).isEqualTo(7);
    assertThat(sink.lastError()).isEqualTo("X: \"y\"");
    assertThat(sink.latency()).isEqualTo(new ProcessorStatus.Latency(200, 900, 1000));
    assertThat(sink.quarantined()).isEqualTo(3);
    assertThat(sink.stopped()).containsEntry("t-0", "a reason");
    assertThat(sink.complete())
        .isEqualTo(new ProcessorStatus.Complete("0/1A2B3C8", 1730000000123456L));
    assertThat(sink.complete().time()).isEqualTo(Instant.parse("2024-10-27T03:33:20.123456Z"));
    assertThat(sink.positions().get("t")).containsExactly(3, 4);
  }

  @Test
  void isNothingWhereThereIsNoFileOrAnother() throws IOException {
    assertThat(ProcessorStatus.read(home)).isEmpty();
    write("{\"sinks\":[");
    assertThat(ProcessorStatus.read(home)).isEmpty();
    write("[]");
    assertThat(ProcessorStatus.read(home)).isEmpty();
  }

  private void write(String json) throws IOException {
    Files.writeString(home.resolve("processor-status.json"), json);
  }
}
