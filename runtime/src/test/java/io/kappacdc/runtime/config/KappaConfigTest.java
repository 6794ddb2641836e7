package io.kappacdc.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.kappacdc.runtime.config.CaptureConfig.OnGap;
import io.kappacdc.runtime.config.CaptureConfig.SnapshotMode;
import io.kappacdc.runtime.config.LakeConfig.MirrorWriter;
import io.kappacdc.runtime.config.SourceConfig.SlotWalPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KappaConfigTest {
  @TempDir Path directory;

  @Test
  void hasTheseDefaults() {
    KappaConfig config = new ConfigLoader().load();

    assertThat(config)
        .isEqualTo(
            new KappaConfig(
                new SourceConfig(
                    null,
                    null,
                    null,
                    "kappa_slot",
                    "kappa_pub",
                    Duration.ofSeconds(5),
                    DataSize.parse("1GiB"),
                    null,
                    SlotWalPolicy.CONTINUE),
                new KafkaConfig(
                    null, "pgsrc", 2, 1, ConfigBinder.FOREVER, DataSize.parse("512MiB")),
                new CaptureConfig(
                    SnapshotMode.INITIAL,
                    Duration.ofSeconds(5),
                    DataSize.parse("64MiB"),
                    DataSize.parse("256MiB"),
                    OnGap.STOP,
                    List.of(),
                    "127.0.0.1:0",
                    DataSize.parse("512MiB")),
                new SinkConfig(null, null, null, 4),
                new LakeConfig(
                    null,
                    Duration.ofSeconds(1),
                    MirrorWriter.INDEX,
                    DataSize.parse("256MiB"),
                    Duration.ofHours(6)),
                new ProcessorConfig(
                    "local[4]",
                    200_000,
                    null,
                    ProcessorConfig.OnGap.STOP,
                    "127.0.0.1:0",
                    DataSize.parse("2GiB")),
                new UpConfig(5, Duration.ofSeconds(15))));
    assertThat(config.kafka().retentionMillis()).isEqualTo(-1);
  }

  @Test
  void takesEveryKeyFromAFile() throws IOException {
    Path file = directory.resolve("kappa.yaml");
    Files.writeString(
        file,
        """
        source:
          url: jdbc:postgresql://db/x
          user: a
          password: b
          slot: s
          publication: p
          slot-check-interval: 1s
          slot-wal-warn: 2GiB
          slot-wal-limit: 3GiB
          slot-wal-policy: stop
        kafka: {bootstrap-servers: "k:9092", topic-prefix: t, partitions: 7, replication-factor: 3,
                retention: 7d, heap: 1GiB}
        capture:
          snapshot-mode: no_data
          heartbeat-interval: 500ms
          transaction-buffer: 1MiB
          kafka-transaction-max: 2MiB
          on-gap: resnapshot
          http-address: 0.0.0.0:9404
          heap: 256MiB
          transforms:
            - {type: X, static.field: f}
        sink: {url: "jdbc:postgresql://s/y", user: c, password: d, pool-size: 9}
        lake: {path: "s3a://b/l", cut-interval: 0s, mirror-writer: merge,
               mirror-index-memory: 1GiB, mirror-history: 7d}
        processor: {master: "spark://m:7077", max-changes-per-batch: 5, work-dir: /w,
                    on-gap: resume, http-address: "[::1]:9405", heap: 3GiB}
        up: {restarts-max: 50, restart-pause-max: 1s}
        """);

    KappaConfig config = new ConfigLoader().file(file).load();

    assertThat(config)
        .isEqualTo(
            new KappaConfig(
                new SourceConfig(
                    "jdbc:postgresql://db/x",
                    "a",
                    "b",
                    "s",
                    "p",
                    Duration.ofSeconds(1),
                    DataSize.parse("2GiB"),
                    DataSize.parse("3GiB"),
                    SlotWalPolicy.STOP),
                new KafkaConfig("k:9092", "t", 7, 3, Duration.ofDays(7), DataSize.parse("1GiB")),
                new CaptureConfig(
                    SnapshotMode.NO_DATA,
                    Duration.ofMillis(500),
                    DataSize.parse("1MiB"),
                    DataSize.parse("2MiB"),
                    OnGap.RESNAPSHOT,
                    List.of(Map.of("type", "X", "static.field", "f")),
                    "0.0.0.0:9404",
                    DataSize.parse("256MiB")),
                new SinkConfig("jdbc:postgresql://s/y", "c", "d", 9),
                new LakeConfig(
                    "s3a://b/l",
                    Duration.ZERO,
                    MirrorWriter.MERGE,
                    DataSize.parse("1GiB"),
                    Duration.ofDays(7)),
                new ProcessorConfig(
                    "spark://m:7077",
                    5,
                    "/w",
                    ProcessorConfig.OnGap.RESUME,
                    "[::1]:9405",
                    DataSize.parse("3GiB")),
                new UpConfig(50, Duration.ofSeconds(1))));
  }

  @Test
  void reportsAllProblemsAtOnceAndWhatWasMeant() throws IOException {
    Path file = directory.resolve("kappa.yaml");
    Files.writeString(
        file, "source: {usr: a}\nkafka: {partitions: none}\ncapture: {snapshot-mode: sometimes}\n");

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> new ConfigLoader().file(file).load())
        .satisfies(
            e ->
                assertThat(e.problems())
                    .containsExactlyInAnyOrder(
                        "source.usr: unknown key; did you mean source.user?",
                        "kafka.partitions: 'none' does not fit: expected a whole number",
                        "capture.snapshot-mode: 'sometimes' does not fit: expected one of [initial,"
                            + " no_data]"));
  }

  @Test
  void refusesAKafkaTransactionThatWouldTakeTooLong() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () -> new ConfigLoader().flags(Map.of("capture.kafka-transaction-max", "5GiB")).load())
        .satisfies(
            e ->
                assertThat(e.problems())
                    .containsExactly(
                        "capture.kafka-transaction-max: expected a size from 1B to 4GiB"));
  }

  @Test
  void refusesAnAddressWithoutAPort() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () ->
                new ConfigLoader()
                    .flags(
                        Map.of(
                            "capture.http-address", "localhost",
                            "processor.http-address", "127.0.0.1:65536"))
                    .load())
        .satisfies(
            e ->
                assertThat(e.problems())
                    .containsExactly(
                        "capture.http-address: 'localhost' does not fit: expected host:port, such as"
                            + " 127.0.0.1:9404, or off"));
  }

  @Test
  void anAddressIsAHostAndAPortOrOff() {
    assertThat(ListenAddress.parse("127.0.0.1:0")).contains(new ListenAddress("127.0.0.1", 0));
    assertThat(ListenAddress.parse("[::1]:9404")).contains(new ListenAddress("::1", 9404));
    assertThat(ListenAddress.parse("OFF")).isEmpty();
    assertThat(new ListenAddress("::1", 1)).hasToString("[::1]:1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ListenAddress.parse("localhost:65536"))
        .withMessage("expected a port from 0 to 65535");
  }

  @Test
  void laterLayersWin() throws IOException {
    Path file = directory.resolve("kappa.yaml");
    Files.writeString(file, "source: {url: file, user: file, slot: file}\n");

    SourceConfig source =
        new ConfigLoader()
            .file(file)
            .environment(Map.of("KAPPA_SOURCE_USER", "env", "KAPPA_SOURCE_SLOT", "env"))
            .flags(Map.of("source.slot", "flag"))
            .load()
            .source();

    assertThat(List.of(source.url(), source.user(), source.slot()))
        .containsExactly("file", "env", "flag");
  }

  @Test
  void neverShowsASecret() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () -> {
              Path file = directory.resolve("kappa.yaml");
              Files.writeString(file, "sink: {password: [hidden-value]}\n");
              new ConfigLoader().file(file).load();
            })
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hidden-value"));
  }

  @Test
  void referenceInTheDocsIsWhatTheCodeSays() throws IOException {
    Path page = Path.of(System.getProperty("kappa.root"), "docs", "configuration.md");
    if (Boolean.getBoolean("kappa.regenerate")) {
      Files.writeString(page, ConfigReference.markdown());
    }

    assertThat(Files.readString(page)).isEqualTo(ConfigReference.markdown());
  }
}
