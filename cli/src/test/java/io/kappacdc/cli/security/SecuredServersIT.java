package io.kappacdc.cli.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.cli.RunningStack;
import io.kappacdc.cli.RunningStack.Outcome;
import io.kappacdc.stack.EmbeddedKafka;
import io.kappacdc.stack.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * One PostgreSQL that wants TLS, a client's certificate and a password, and one Kafka that wants
 * TLS, a client's certificate, SCRAM and rights by ACL: as docs/security.md says.
 */
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(OrderAnnotation.class)
class SecuredServersIT {
  private static final String KAFKA_PASSWORD = "kafka-secret-7f3a";
  private static final String CERTIFIED_ONLY =
      """
      hostssl all         all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca
      hostssl replication all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca
      """;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private static Path directory;

  private Authority authority;
  private Authority.Identity server;
  private Authority.Identity client;
  private EmbeddedPostgres postgres;
  private EmbeddedKafka kafka;
  private RunningStack stack;

  @BeforeAll
  void servers() throws Exception {
    authority = new Authority(directory, "authority");
    server = authority.identity("server");
    client = authority.identity("kappa");
    postgres = EmbeddedPostgres.builder(directory.resolve("postgres")).start();
    postgres.createDatabaseIfMissing("trail");
    Path configuration = directory.resolve("secured.yaml");
    stack = new RunningStack(directory, postgres, "secured", "--config=" + configuration);
    secure(postgres);
    kafka = securedKafka();
    Files.writeString(configuration, configuration());
  }

  @AfterAll
  void stop() throws Exception {
    if (stack != null) {
      stack.close();
    }
    if (kafka != null) {
      kafka.stop();
    }
    if (postgres != null) {
      postgres.stop();
    }
  }

  private void secure(EmbeddedPostgres plain) throws Exception {
    try (Connection connection = plain.connect("postgres");
        Statement statement = connection.createStatement()) {
      Path key = Path.of(text(statement, "SHOW data_directory")).resolve("server.key");
      Files.copy(server.key(), key);
      Files.setOwner(key, Files.getOwner(key.getParent()));
      for (String setting :
          List.of(
              "ssl_cert_file = '" + server.certificate() + "'",
              "ssl_key_file = '" + key + "'",
              "ssl_ca_file = '" + authority.certificate() + "'",
              "ssl = on")) {
        statement.execute("ALTER SYSTEM SET " + setting);
      }
      Files.writeString(Path.of(text(statement, "SHOW hba_file")), CERTIFIED_ONLY);
      statement.execute("SELECT pg_reload_conf()");
    }
  }

  private EmbeddedKafka securedKafka() throws Exception {
    String listener = "listener.name.client.";
    EmbeddedKafka secured =
        EmbeddedKafka.builder(directory.resolve("kafka"))
            .clientProtocol("SASL_SSL")
            .setting(listener + "ssl.keystore.type", "PEM")
            .setting(listener + "ssl.keystore.location", server.keyAndCertificate().toString())
            .setting(listener + "ssl.truststore.type", "PEM")
            .setting(listener + "ssl.truststore.location", authority.certificate().toString())
            .setting(listener + "ssl.client.auth", "required")
            .setting(listener + "sasl.enabled.mechanisms", "SCRAM-SHA-512")
            .setting(
                listener + "scram-sha-512.sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required;")
            .setting(
                "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
            .setting("super.users", "User:ANONYMOUS") // the broker itself, and this test
            .start();
    try (Admin admin =
        Admin.create(Map.of("bootstrap.servers", secured.directBootstrapServers()))) {
      admin
          .alterUserScramCredentials(
              List.of(
                  new UserScramCredentialUpsertion(
                      "kappa",
                      new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096),
                      KAFKA_PASSWORD)))
          .all()
          .get();
      admin.createAcls(rights()).all().get();
    }
    return secured;
  }

  /** What docs/security.md lists, and nothing else. */
  private static List<AclBinding> rights() {
    List<AclBinding> rights = new ArrayList<>();
    ResourcePattern topics = new ResourcePattern(ResourceType.TOPIC, "pgsrc", PatternType.PREFIXED);
    for (AclOperation operation :
        List.of(
            AclOperation.CREATE,
            AclOperation.DESCRIBE,
            AclOperation.DESCRIBE_CONFIGS,
            AclOperation.ALTER_CONFIGS,
            AclOperation.READ,
            AclOperation.WRITE)) {
      rights.add(allowed(topics, operation));
    }
    ResourcePattern transactions =
        new ResourcePattern(ResourceType.TRANSACTIONAL_ID, "pgsrc-kappa-", PatternType.PREFIXED);
    rights.add(allowed(transactions, AclOperation.DESCRIBE));
    rights.add(allowed(transactions, AclOperation.WRITE));
    return rights;
  }

  private static AclBinding allowed(ResourcePattern resource, AclOperation operation) {
    return new AclBinding(
        resource, new AccessControlEntry("User:kappa", "*", operation, AclPermissionType.ALLOW));
  }

  private String configuration() {
    return """
        source: {url: "%1$s"}
        sink: {url: "%2$s", user: "%3$s", password: "%4$s"}
        kafka:
          bootstrap-servers: "%5$s"
          properties:
            security.protocol: SASL_SSL
            sasl.mechanism: SCRAM-SHA-512
            sasl.jaas.config: >-
              org.apache.kafka.common.security.scram.ScramLoginModule required
              username="kappa" password="%6$s";
            ssl.truststore.type: PEM
            ssl.truststore.location: "%7$s"
            ssl.keystore.type: PEM
            ssl.keystore.location: "%8$s"
        """
        .formatted(
            url("secured", authority),
            url("trail", authority),
            postgres.user(),
            postgres.password(),
            kafka.bootstrapServers(),
            KAFKA_PASSWORD,
            authority.certificate(),
            client.keyAndCertificate());
  }

  private String url(String database, Authority trusted) {
    return "jdbc:postgresql://127.0.0.1:%d/%s?sslmode=verify-full&sslrootcert=%s&sslcert=%s&sslkey=%s"
        .formatted(
            postgres.port(),
            database,
            trusted.certificate(),
            client.certificate(),
            client.keyDer());
  }

  private Connection connect(String database) throws Exception {
    return DriverManager.getConnection(
        url(database, authority), postgres.user(), postgres.password());
  }

  private static String text(Statement statement, String query) throws Exception {
    try (ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Test
  @Order(1)
  void changesArriveAndAreVerified() throws Exception {
    try (Connection source = connect("secured");
        Statement statement = source.createStatement()) {
      statement.execute("CREATE TABLE fund (id int PRIMARY KEY, name text)");
      statement.execute("INSERT INTO fund SELECT n, 'fund ' || n FROM generate_series(1, 50) n");
      stack.up();
      statement.execute("UPDATE fund SET name = 'renamed' WHERE id <= 10");
      statement.execute("DELETE FROM fund WHERE id > 45");
      Outcome verified = stack.kappa("verify");
      assertThat(verified.exitCode()).as(verified.output() + stack.complaints()).isZero();
      assertThat(verified.output()).contains("match");
      assertThat(
              text(
                  statement,
                  "SELECT count(*) FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)"
                      + " WHERE client_addr IS NOT NULL AND NOT ssl"))
          .isEqualTo("0");
    }
    try (Connection sink = connect("trail");
        Statement statement = sink.createStatement()) {
      assertThat(
              text(
                  statement,
                  "SELECT count(*) FILTER (WHERE _kappa_op = 'u') || ' ' || count(*) FILTER (WHERE"
                      + " _kappa_op = 'd') FROM public.fund_trail"))
          .isEqualTo("10 5");
    }
  }

  @Test
  @Order(2)
  void secretsAreInNoLogAndNoCommandLine() throws Exception {
    Outcome status = stack.kappa("status");
    Outcome config = stack.kappa("config", "--effective");
    assertThat(status.exitCode()).as(status.output()).isZero();
    List<String> said = new ArrayList<>(List.of(status.output(), config.output()));
    try (var logs = Files.list(directory.resolve("home/logs"))) {
      for (Path log : logs.toList()) {
        said.add(Files.readString(log));
      }
    }
    said.add(Files.readString(directory.resolve("up.log")));
    ProcessHandle.allProcesses()
        .forEach(process -> process.info().commandLine().ifPresent(said::add));
    assertThat(said)
        .noneMatch(text -> text.contains(KAFKA_PASSWORD))
        .noneMatch(text -> text.contains(postgres.password()));
    assertThat(config.output()).contains("kafka.properties");
  }

  @Test
  @Order(3)
  void whoIsRefusedIsToldWhy() throws Exception {
    stack.close(); // the trail has one processor at a time
    Authority other = new Authority(directory, "other");
    assertRefusal("login", KAFKA_PASSWORD, "wrong", "Cannot log in to Kafka", "capture", "process");
    assertRefusal("plain", "SASL_SSL", "SASL_PLAINTEXT", "speaks TLS", "capture", "process");
    assertRefusal(
        "kafka-authority",
        "truststore.location: \"" + authority.certificate(),
        "truststore.location: \"" + other.certificate(),
        "unable to find valid certification path",
        "capture");
    assertRefusal(
        "source-authority",
        "sslrootcert=" + authority.certificate(),
        "sslrootcert=" + other.certificate(),
        "unable to find valid certification path",
        "capture");
  }

  private void assertRefusal(
      String name, String right, String wrong, String reason, String... commands) throws Exception {
    String configuration = Files.readString(directory.resolve("secured.yaml"));
    assertThat(configuration).contains(right);
    Path file = directory.resolve(name + ".yaml");
    Files.writeString(file, configuration.replace(right, wrong));
    for (String command : commands) {
      Outcome outcome = stack.kappa(command, "--config=" + file);
      assertThat(outcome.exitCode()).as(command + ": " + outcome.output()).isEqualTo(1);
      assertThat(outcome.output()).as(command).contains("problem: ", reason, "remedy: ");
    }
  }
}
