package io.kappacdc.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.cli.doctor.Finding.Grade;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.config.ConfigLoader;
import io.kappacdc.stack.EmbeddedKafka;
import io.kappacdc.stack.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
  private static final Path ROOT = Path.of(System.getProperty("kappa.root"));
  private static final int CHECKS_MIN = 30;

  @TempDir private static Path servers;
  private static EmbeddedPostgres postgres;
  private static EmbeddedKafka kafka;
  private static int databases;

  @TempDir private Path directory;
  private String sourceName;
  private String sinkName;
  private String prefix;

  @BeforeAll
  static void startServers() throws SQLException {
    postgres =
        EmbeddedPostgres.builder(servers.resolve("postgres"))
            .setting("max_slot_wal_keep_size", "1GB")
            .start();
    kafka = EmbeddedKafka.builder(servers.resolve("kafka")).start();
    execute("postgres", "CREATE ROLE capture LOGIN REPLICATION PASSWORD 'x'");
    execute("postgres", "CREATE ROLE trail LOGIN PASSWORD 'x'");
  }

  @AfterAll
  static void stopServers() {
    kafka.close();
    postgres.close();
  }

  /** An installation without a fault, as the documentation has it made. */
  @BeforeEach
  void makeInstallation() throws SQLException {
    databases++;
    sourceName = "source" + databases;
    sinkName = "sink" + databases;
    prefix = "p" + databases;
    postgres.createDatabaseIfMissing(sourceName);
    postgres.createDatabaseIfMissing(sinkName);
    execute(
        sourceName,
        "CREATE TABLE fund (id int PRIMARY KEY); GRANT SELECT ON fund TO capture;"
            + " CREATE PUBLICATION kappa_pub FOR ALL TABLES WITH (publish_via_partition_root ="
            + " true)");
    execute(sinkName, "GRANT CREATE ON DATABASE " + sinkName + " TO trail");
  }

  private static void execute(String database, String sql) throws SQLException {
    try (Connection connection = postgres.connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("source.url", postgres.jdbcUrl(sourceName));
    settings.put("source.user", "capture");
    settings.put("source.password", "x");
    settings.put("source.slot", sourceName);
    settings.put("sink.url", postgres.jdbcUrl(sinkName));
    settings.put("sink.user", "trail");
    settings.put("sink.password", "x");
    settings.put("kafka.bootstrap-servers", kafka.bootstrapServers());
    settings.put("kafka.topic-prefix", prefix);
    settings.put("lake.path", directory.resolve("lake").toString());
    return settings;
  }

  private List<Finding> examine(Map<String, String> settings, @Nullable Path file)
      throws InterruptedException {
    return new Doctor(
            new ConfigLoader().flags(settings).load(),
            new KappaHome(directory.resolve("home")),
            file)
        .examine();
  }

  private List<Finding> examine() throws InterruptedException {
    return examine(settings(), null);
  }

  private static Finding of(String check, List<Finding> findings) {
    return findings.stream()
        .filter(finding -> finding.check().equals(check))
        .findFirst()
        .orElseThrow(() -> new AssertionError(check + " is not among " + findings));
  }

  private void assertFound(String check, Grade grade, String... words) throws InterruptedException {
    Finding finding = of(check, examine());
    assertThat(finding.grade()).as(finding.toString()).isEqualTo(grade);
    assertThat(List.of(words))
        .allMatch(word -> (finding.found() + finding.remedy()).contains(word));
  }

  @Test
  void findsNoFaultWhereThereIsNone() throws InterruptedException {
    List<Finding> findings = examine();

    assertThat(findings)
        .filteredOn(finding -> finding.grade() == Grade.PROBLEM)
        .filteredOn(finding -> !finding.check().startsWith("lake.")) // of the machine of the test
        .isEmpty();
    assertThat(findings)
        .filteredOn(finding -> finding.grade() == Grade.UNKNOWN)
        .extracting(Finding::check)
        .containsExactly("pipeline.capture", "pipeline.processor");
    assertThat(of("source.readable", findings).found())
        .isEqualTo("capture may read every table, 1");
  }

  @Test
  void whatFillsTheSourcesDiskIsAProblem() throws Exception {
    execute("postgres", "ALTER SYSTEM SET max_slot_wal_keep_size = -1");
    execute("postgres", "SELECT pg_reload_conf()");
    try {
      await().untilAsserted(() -> assertFound("source.wal-limit", Grade.PROBLEM, "ALTER SYSTEM"));
      Map<String, String> settings = settings();
      settings.put("source.slot-wal-limit", "1GiB");
      assertThat(of("source.wal-limit", examine(settings, null)).grade()).isEqualTo(Grade.PROBLEM);
      settings.put("source.slot-wal-policy", "resnapshot");
      assertThat(of("source.wal-limit", examine(settings, null)).grade()).isEqualTo(Grade.OK);
    } finally {
      execute("postgres", "ALTER SYSTEM RESET max_slot_wal_keep_size");
      execute("postgres", "SELECT pg_reload_conf()");
    }
    execute(
        sourceName, "SELECT pg_create_logical_replication_slot('" + sourceName + "', 'pgoutput')");
    try {
      assertFound("source.slot", Grade.PROBLEM, "nobody streams from it");
    } finally {
      execute(sourceName, "SELECT pg_drop_replication_slot('" + sourceName + "')");
    }
  }

  @Test
  void whatCaptureWouldMissIsAProblem() throws Exception {
    execute(
        sourceName, "CREATE SCHEMA \"dotted.name\"; CREATE TABLE \"dotted.name\".secret (a int)");
    assertFound("source.readable", Grade.PROBLEM, "dotted.name.secret", "GRANT SELECT");
    assertFound("source.keys", Grade.ADVICE, "dotted.name.secret");
    execute(sourceName, "ALTER TABLE fund ENABLE ROW LEVEL SECURITY");
    assertFound("source.readable", Grade.PROBLEM, "public.fund", "BYPASSRLS");

    execute(sourceName, "ALTER PUBLICATION kappa_pub SET (publish = 'insert')");
    assertFound("source.publication", Grade.PROBLEM, "SET (publish = 'insert, update");
    execute(sourceName, "DROP PUBLICATION kappa_pub");
    assertFound("source.publication", Grade.PROBLEM, "CREATE PUBLICATION \"kappa_pub\"");
  }

  @Test
  void rightsThatLackOrGoTooFarAreSaid() throws Exception {
    assertFound("source.role", Grade.OK);
    execute(sinkName, "REVOKE CREATE ON DATABASE " + sinkName + " FROM trail");
    assertFound("sink.role", Grade.PROBLEM, "GRANT CREATE ON DATABASE");

    Map<String, String> settings = settings();
    settings.put("source.user", "trail");
    settings.put("sink.user", postgres.user());
    settings.put("sink.password", postgres.password());
    List<Finding> findings = examine(settings, null);
    assertThat(of("source.role", findings).remedy())
        .isEqualTo("ALTER ROLE \"trail\" WITH REPLICATION;");
    assertThat(of("sink.role", findings).grade()).isEqualTo(Grade.ADVICE);
  }

  @Test
  void aTrailThatWouldBeCapturedItselfIsAProblem() throws Exception {
    Map<String, String> settings = settings();
    settings.put("sink.url", postgres.jdbcUrl(sourceName));
    assertThat(of("sink.apart", examine(settings, null)).grade()).isEqualTo(Grade.PROBLEM);
    assertFound("sink.apart", Grade.OK);
  }

  @Test
  void topicsThatForgetAreSaid() throws Exception {
    assertFound("kafka.copies", Grade.ADVICE, "topics will have one copy");
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      create(admin, prefix + ".public.fund", Map.of("retention.ms", "-1", "retention.bytes", "-1"));
      assertFound("kafka.retention", Grade.OK);
      create(admin, prefix + ".public.short", Map.of("retention.ms", "86400000"));
      assertFound("kafka.retention", Grade.ADVICE, prefix + ".public.short");
      create(admin, prefix + ".public.last", Map.of("cleanup.policy", "compact"));
      assertFound("kafka.retention", Grade.PROBLEM, prefix + ".public.last");
    }
    assertFound("kafka.copies", Grade.ADVICE, "one copy only", prefix + ".public.fund");
    Map<String, String> settings = settings();
    settings.put("kafka.topic-prefix", "nothing");
    settings.put("kafka.replication-factor", "3");
    assertThat(of("kafka.copies", examine(settings, null)).grade()).isEqualTo(Grade.PROBLEM);
  }

  private static void create(Admin admin, String topic, Map<String, String> configs)
      throws Exception {
    admin
        .createTopics(
            List.of(new NewTopic(topic, Optional.empty(), Optional.empty()).configs(configs)))
        .all()
        .get();
    await().until(() -> admin.listTopics().names().get().contains(topic));
  }

  @Test
  void whatDoesNotAnswerIsAProblemAndTheRestIsLookedAt() throws Exception {
    Map<String, String> settings = settings();
    settings.put("source.url", "jdbc:postgresql://127.0.0.1:1/nothing");
    settings.put("kafka.bootstrap-servers", "127.0.0.1:1");
    settings.put("lake.path", "/proc/lake");
    List<Finding> findings = examine(settings, null);

    assertThat(findings)
        .filteredOn(finding -> finding.grade() == Grade.PROBLEM)
        .extracting(Finding::check)
        .contains("source.reachable", "kafka.reachable", "lake.writable");
    assertThat(of("sink.role", findings).grade()).isEqualTo(Grade.OK);
    assertThat(of("sink.apart", findings).grade()).isEqualTo(Grade.UNKNOWN);
    settings.put("lake.path", "s3a://bucket/lake");
    assertThat(of("lake.writable", examine(settings, null)).grade()).isEqualTo(Grade.UNKNOWN);
  }

  @Test
  void secretsThatOthersCanReadAreAProblem() throws Exception {
    Path file = directory.resolve("kappa.yaml");
    Files.writeString(file, "source:\n  password: x\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(of("settings.file", examine(settings(), file)).remedy())
        .contains("chmod 600 " + file);

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(of("settings.file", examine(settings(), file)).grade()).isEqualTo(Grade.OK);
  }

  @Test
  void whatTheProcessesSayIsTold() throws Exception {
    String old = Long.toString(Instant.now().minus(Duration.ofHours(1)).toEpochMilli());
    String now = Long.toString(Instant.now().plus(Duration.ofHours(1)).toEpochMilli());
    inHome("capture-status.json", "{\"writtenMillis\": " + old + ", \"phase\": \"STREAMING\"}");
    inHome(
        "processor-status.json",
        "{\"writtenMillis\": "
            + now
            + ", \"sinks\": [{\"name\": \"delta-trail\", \"running\": true, \"quarantined\": 2,"
            + " \"stopped\": {\"pgsrc.public.fund-0\": \"a reason\"}}]}");
    inHome(
        "verification.json",
        "{\"endedAt\": \"" + Instant.now() + "\", \"report\": {\"verdict\": \"mismatch\"}}");
    List<Finding> findings = examine();

    assertThat(of("pipeline.capture", findings).found()).startsWith("it has said nothing for 3,60");
    assertThat(of("pipeline.processor", findings).grade()).isEqualTo(Grade.OK);
    assertThat(of("pipeline.stopped", findings).found())
        .isEqualTo("standing still: delta-trail pgsrc.public.fund-0 (a reason)");
    assertThat(of("pipeline.quarantine", findings).grade()).isEqualTo(Grade.PROBLEM);
    assertThat(of("pipeline.verified", findings).grade()).isEqualTo(Grade.PROBLEM);
  }

  private void inHome(String name, String text) throws IOException {
    Files.createDirectories(directory.resolve("home"));
    Files.writeString(directory.resolve("home").resolve(name), text);
  }

  @Test
  void theDocumentationHasEveryCheck() throws IOException {
    TreeSet<String> checks = new TreeSet<>();
    Path sources = ROOT.resolve("cli/src/main/java/io/kappacdc/cli/doctor");
    try (Stream<Path> files = Files.list(sources)) {
      for (Path file : files.toList()) {
        String text = Files.readString(file);
        checks.addAll(all(text, "\"((?:source|sink|kafka|lake|settings|pipeline)\\.[a-z-]+)\""));
        for (String common : all(text, "area \\+ \"\\.([a-z-]+)\"")) {
          if (!common.equals("url")) {
            checks.add("source." + common);
            checks.add("sink." + common);
          }
        }
      }
    }
    checks.remove("source.url");
    checks.remove("sink.url");
    assertThat(checks).hasSizeGreaterThan(CHECKS_MIN);

    String page = Files.readString(ROOT.resolve("docs/production.md"));
    List<String> rows = page.lines().filter(line -> line.startsWith("| `")).toList();
    TreeSet<String> documented = new TreeSet<>();
    rows.forEach(row -> documented.addAll(all(row.split("\\|")[1], "`([a-z.-]+)`")));
    assertThat(documented).isEqualTo(checks);
  }

  private static List<String> all(String text, String pattern) {
    List<String> all = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    while (matcher.find()) {
      all.add(matcher.group(1));
    }
    return all;
  }
}
