package io.kappacdc.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.cli.status.PipelineStatus.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureStatusTest {
  private static final String SAID =
      """
      {"writtenMillis":1000000,"pid":7,"httpUrl":"http://127.0.0.1:9404","phase":"STREAMING","attempts":2,"lsn":"0/1A2B3C8",
       "snapshotRows":0,"slot":{"name":"kappa_slot","measuredMillis":999000,"walStatus":"extended",
       "heldBytes":3145728000,"unconfirmedBytes":1000,"growthBytesPerSecond":1048576,
       "leftBytes":104857600,"leftSeconds":100,"failover":true,"warning":"the limit is reached"},
       "resnapshots":{"count":1,"lastReason":"Replication slot 'kappa_slot' is gone.",
       "lastMillis":990000,"wholeFromLsn":"0/1A00000"},
       "unread":[{"table":"public.fund","rows":12000,"refused":""},
       {"table":"public.entry","rows":0,"refused":"it has no primary key"}],"lastError":"connection refused"}
      """;

  @TempDir Path home;

  private PipelineStatus status(long atMillis) throws IOException {
    Files.writeString(home.resolve("capture-status.json"), SAID);
    return new PipelineStatus(
        Instant.ofEpochMilli(atMillis),
        Optional.empty(),
        Stage.of(new SourceStatus("0/1A2B3C8", null)),
        new Stage<>(null, "away"),
        CaptureStatus.read(home),
        new Stage<>(null, "away"),
        List.of());
  }

  @Test
  void saysWhatTheSlotHoldsHowItGrowsAndWhenThatEnds() throws IOException {
    assertThat(StatusText.lines(status(1_001_000)))
        .contains(
            "slot            holds 3,000.0 MiB of WAL, grows by 1.0 MiB/s, 100.0 MiB left to the"
                + " limit, reached in 100 s",
            "                WARNING the limit is reached",
            "capture         streaming; attempt 2, last error connection refused",
            "                1 times all tables were read anew, last 11.0 s ago, whole from"
                + " 0/1A00000: Replication slot 'kappa_slot' is gone.");
    assertThat(StatusJson.write(status(1_001_000)).replaceAll("\\s", ""))
        .contains("\"walHeldBytes\":3145728000", "\"leftSeconds\":100", "\"count\":1");
  }

  @Test
  void saysWhichTablesAreReadAndWhichLackRows() throws IOException {
    assertThat(StatusText.lines(status(1_001_000)))
        .contains(
            "                reading public.fund, 12,000 rows so far",
            "                WARNING public.entry lacks rows and is not read: it has no primary"
                + " key");
    assertThat(StatusJson.write(status(1_001_000)).replaceAll("\\s", ""))
        .contains("\"unread\":[{\"table\":\"public.fund\",\"rows\":12000,\"refused\":\"\"}");
  }

  @Test
  void saysWhereMetricsAndHealthAreServed() throws IOException {
    assertThat(StatusText.lines(status(1_001_000)))
        .contains("http            capture http://127.0.0.1:9404");
    assertThat(StatusJson.write(status(1_001_000)).replaceAll("\\s", ""))
        .contains("\"httpUrl\":\"http://127.0.0.1:9404\"");
  }

  @Test
  void saysThatCaptureIsSilent() throws IOException {
    assertThat(StatusText.lines(status(1_060_000)))
        .contains("capture         SILENT for 60 s; what follows is what it said last")
        .noneMatch(line -> line.startsWith("http "));
  }

  @Test
  void captureElsewhereSaysNothing() {
    assertThat(CaptureStatus.read(home)).isEmpty();
  }
}
