package io.kappacdc.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kappacdc.runtime.config.CaptureConfig.OnGap;
import io.kappacdc.runtime.config.CaptureConfig.SnapshotMode;
import io.kappacdc.runtime.config.ColumnConfig.Policy;
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
                    TablePatterns.NONE,
                    TablePatterns.NONE,
                    Duration.ofSeconds(5),
                    DataSize.parse("1GiB"),
                    null,
                    SlotWalPolicy.CONTINUE),
                new KafkaConfig(
                    null,
                    Map.of(),
                    null,
                    "pgsrc",
                    2,
                    null,
                    ConfigBinder.FOREVER,
                    DataSize.parse("512MiB")),
                new CaptureConfig(
                    SnapshotMode.INITIAL,
                    Duration.ofSeconds(5),
                    DataSize.parse("64MiB"),
                    DataSize.parse("256MiB"),
                    OnGap.STOP,
                    List.of(),
                    List.of(),
                    null,
                    null,
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
                new UpConfig(5, Duration.ofSeconds(15)),
                new ConsoleConfig("127.0.0.1:0", null, null, null)));
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
          include-tables: ['sales\\..*', 'public\\.fund_[a-z]{1,9}']
          exclude-tables: .*_log, sales\\.tmp
          slot-check-interval: 1s
          slot-wal-warn: 2GiB
          slot-wal-limit: 3GiB
          slot-wal-policy: stop
        kafka: {bootstrap-servers: "k:9092", topic-prefix: t, partitions: 7, replication-factor: 3,
                retention: 7d, heap: 1GiB, properties-file: /k.properties,
                properties: {security.protocol: SASL_SSL, ssl: {endpoint.identification.algorithm: ''}}}
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
          columns:
            - {match: public.a.b, policy: mask, text: "-"}
            - {match: .*, policy: truncate, length: 3}
          hash-key-file: /k
        sink: {url: "jdbc:postgresql://s/y", user: c, password: d, pool-size: 9}
        lake: {path: "s3a://b/l", cut-interval: 0s, mirror-writer: merge,
               mirror-index-memory: 1GiB, mirror-history: 7d}
        processor: {master: "spark://m:7077", max-changes-per-batch: 5, work-dir: /w,
                    on-gap: resume, http-address: "[::1]:9405", heap: 3GiB}
        up: {restarts-max: 50, restart-pause-max: 1s}
        console: {http-address: "0.0.0.0:8090", token: sixteen-letters-,
                  capture-url: "http://capture:9404", processor-url: "http://processor:9405"}
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
                    new TablePatterns(List.of("sales\\..*", "public\\.fund_[a-z]{1,9}")),
                    new TablePatterns(List.of(".*_log", "sales\\.tmp")),
                    Duration.ofSeconds(1),
                    DataSize.parse("2GiB"),
                    DataSize.parse("3GiB"),
                    SlotWalPolicy.STOP),
                new KafkaConfig(
                    "k:9092",
                    Map.of(
                        "security.protocol",
                        "SASL_SSL",
                        "ssl.endpoint.identification.algorithm",
                        ""),
                    "/k.properties",
                    "t",
                    7,
                    3,
                    Duration.ofDays(7),
                    DataSize.parse("1GiB")),
                new CaptureConfig(
                    SnapshotMode.NO_DATA,
                    Duration.ofMillis(500),
                    DataSize.parse("1MiB"),
                    DataSize.parse("2MiB"),
                    OnGap.RESNAPSHOT,
                    List.of(Map.of("type", "X", "static.field", "f")),
                    List.of(
                        new ColumnConfig("public.a.b", Policy.MASK, "-", null),
                        new ColumnConfig(".*", Policy.TRUNCATE, null, 3)),
                    null,
                    "/k",
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
                new UpConfig(50, Duration.ofSeconds(1)),
                new ConsoleConfig(
                    "0.0.0.0:8090",
                    "sixteen-letters-",
                    "http://capture:9404",
                    "http://processor:9405")));
  }

  @Test
  void reportsAllProblemsAtOnceAndWhatWasMeant() throws IOException {
    Path file = directory.resolve("kappa.yaml");
    Files.writeString(
        file,
        "source: {usr: a, include-tables: ['a\\.b', 'a(b'], exclude-tables: '\\Qa.b'}\n"
            + "kafka: {partitions: none}\ncapture: {snapshot-mode: sometimes}\n");

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> new ConfigLoader().file(file).load())
        .satisfies(
            e ->
                assertThat(e.problems())
                    .containsExactlyInAnyOrder(
                        "source.usr: unknown key; did you mean source.user?",
                        "source.include-tables: '[a\\.b, a(b]' does not fit: expected regular"
                            + " expressions for <schema>.<table>, and 'a(b' is none (Unclosed"
                            + " group)",
                        "source.exclude-tables: '\\Qa.b' does not fit: expected regular expressions"
                            + " for <schema>.<table>, and '\\Qa.b' is none (Unclosed group)",
                        "kafka.partitions: 'none' does not fit: expected a whole number",
                        "capture.snapshot-mode: 'sometimes' does not fit: expected one of [initial,"
                            + " no_data]"));
  }

  @Test
  void reportsEveryProblemOfAListsEntriesWithItsPlace() throws IOException {
    Path file = directory.resolve("kappa.yaml");
    Files.writeString(
        file,
        """
        source: {usr: a}
        capture:
          columns:
            - {match: a.b.c, polcy: hash}
            - {match: "(", policy: mask}
            - {match: a.b.c, policy: truncate}
            - {match: a.b.c, policy: truncate, length: 0}
            - {match: a.b.c, policy: hash, text: x}
            - a.b.c
            - {match: a.b.c, policy: blur}
        """);

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> new ConfigLoader().file(file).load())
        .satisfies(
            e ->
                assertThat(e.problems())
                    .containsExactlyInAnyOrder(
                        "source.usr: unknown key; did you mean source.user?",
                        "capture.columns[0].polcy: unknown key; did you mean policy?",
                        "capture.columns[0].policy: is missing",
                        "capture.columns[1].match: '(' is no regular expression: Unclosed group",
                        "capture.columns[2].length: is missing, the policy truncate needs it",
                        "capture.columns[3].length: '0' does not fit: expected a number from 1",
                        "capture.columns[4].text: only the policy mask has one",
                        "capture.columns[5]: expected a map",
                        "capture.columns[6].policy: 'blur' does not fit: expected one of [exclude,"
                            + " mask, hash, truncate]"));
  }

  @Test
  void aListCanStandOnOneLineAsInTheEnvironment() {
    CaptureConfig capture =
        new ConfigLoader()
            .environment(
                Map.of(
                    "KAPPA_CAPTURE_COLUMNS", "[{match: a.b.c, policy: hash}]",
                    "KAPPA_CAPTURE_TRANSFORMS", "[{type: X, static.field: f}]"))
            .load()
            .capture();

    assertThat(capture.columns())
        .containsExactly(new ColumnConfig("a.b.c", Policy.HASH, null, null));
    assertThat(capture.transforms()).containsExactly(Map.of("type", "X", "static.field", "f"));
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () -> new ConfigLoader().environment(Map.of("KAPPA_CAPTURE_COLUMNS", "{a: b}")).load())
        .satisfies(
            e ->
                assertThat(e.problems())
                    .containsExactly("capture.columns: '{a: b}' does not fit: expected a list"));
  }

  @Test
  void aHashKeyIsLongAndComesFromOnePlace() {
    String secret = "hidden-value";
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> new ConfigLoader().flags(Map.of("capture.hash-key", secret)).load())
        .satisfies(
            e -> {
              assertThat(e.problems())
                  .containsExactly("capture.hash-key: expected at least 32 characters");
              assertThat(e.getMessage()).doesNotContain(secret);
            });
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () ->
                new ConfigLoader()
                    .flags(
                        Map.of(
                            "capture.hash-key",
                            secret.repeat(3),
                            "capture.hash-key-file",
                            "hash.key"))
                    .load())
        .satisfies(
            e -> {
              assertThat(e.problems())
                  .containsExactly("capture.hash-key: give it or hash-key-file, not both");
              assertThat(e.getMessage()).doesNotContain(secret);
            });
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
  void aTokenIsLongAndNeverShown() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> new ConfigLoader().flags(Map.of("console.token", "hidden-value")).load())
        .satisfies(
            e -> {
              assertThat(e.problems())
                  .containsExactly("console.token: expected at least 16 characters");
              assertThat(e.getMessage()).doesNotContain("hidden-value");
            });
    assertThat(ConfigLoader.isSecret("console.token")).isTrue();
    assertThat(new ConfigLoader().flags(Map.of("console.token", "x".repeat(16))).load())
        .asString()
        .doesNotContain("x".repeat(16));
  }

  @Test
  void refusesPlacesOfMetricsThatAreNoUrl() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () -> new ConfigLoader().flags(Map.of("console.capture-url", "capture:9404")).load())
        .satisfies(
            e ->
                assertThat(e.problems())
                    .containsExactly(
                        "console.capture-url: 'capture:9404' does not fit: expected"
                            + " http://host:port"));
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

  @Test
  void kafkasPropertiesAreAMapOrAFile() throws Exception {
    Path properties = directory.resolve("client.properties");
    Files.writeString(
        properties, "security.protocol=SSL\nssl.truststore.type=PEM\ngroup.id=of-other-tools\n");
    KafkaConfig kafka =
        new ConfigLoader()
            .flags(
                Map.of(
                    "kafka.properties-file",
                    properties.toString(),
                    "kafka.properties",
                    "{security: {protocol: SASL_SSL}, sasl.mechanism: PLAIN}"))
            .load()
            .kafka();

    assertThat(kafka.clientProperties())
        .isEqualTo(
            Map.of(
                "security.protocol",
                "SASL_SSL",
                "sasl.mechanism",
                "PLAIN",
                "ssl.truststore.type",
                "PEM"));
    assertThat(ConfigLoader.isSecret("kafka.properties")).isTrue();
  }

  @Test
  void whatExactlyOnceDependsOnIsNotAPropertyToSet() {
    assertThatThrownBy(
            () ->
                new ConfigLoader()
                    .flags(Map.of("kafka.properties", "{isolation.level: read_uncommitted}"))
                    .load())
        .hasMessageContaining("kafka.properties: isolation.level is set by kappa itself");
  }

  @Test
  void aFileOfPropertiesThatIsNotThereIsSaid() {
    KafkaConfig kafka =
        new ConfigLoader().flags(Map.of("kafka.properties-file", "/no/such/file")).load().kafka();

    assertThatThrownBy(kafka::clientProperties)
        .hasMessageContaining("NoSuchFileException: /no/such/file");
  }
}
