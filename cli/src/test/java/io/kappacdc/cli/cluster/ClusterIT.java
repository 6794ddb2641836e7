package io.kappacdc.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.stack.EmbeddedKafka;
import io.kappacdc.stack.EmbeddedKafkaCluster;
import io.kappacdc.stack.EmbeddedPostgres;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
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
 * The processor on a standalone cluster of two workers, as docs/cluster.md says, with a Kafka of
 * three brokers. The tests share all of it and run in order.
 */
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(OrderAnnotation.class)
class ClusterIT {
  private static final Duration ARRIVAL_MAX = Duration.ofMinutes(10);

  /** Beyond 4,000 offsets a batch is the executors' work. */
  private static final int BACKLOG = 40_000;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private static Path directory;

  private final List<AutoCloseable> started = new ArrayList<>();
  private EmbeddedPostgres postgres;
  private EmbeddedKafkaCluster kafka;
  private Source source;
  private Program cluster;
  private Program processor;
  private ExecutorTasks tasks;
  private int commands;

  @BeforeAll
  void theProcessorOnACluster() throws Exception {
    cluster = start("cluster.log", "cluster/spark", "up", "--home", directory + "/cluster");
    postgres = opened(EmbeddedPostgres.builder(directory.resolve("postgres")).start());
    postgres.createDatabaseIfMissing("shop");
    postgres.createDatabaseIfMissing("trail");
    kafka = opened(EmbeddedKafkaCluster.start(directory.resolve("kafka"), 3, "256m"));
    Files.writeString(directory.resolve("kappa.yaml"), configuration());
    source = opened(new Source(postgres, "shop"));
    start("capture.log", "kappa", "capture").awaitLine("KAPPA READY capture");
    source.burst(BACKLOG);
    cluster.awaitLine("READY");
    Path events = Files.createDirectory(directory.resolve("events"));
    tasks = new ExecutorTasks(events);
    processor =
        start(
            "processor.log",
            "cluster/spark",
            "submit",
            "--master",
            master(),
            "--executor-memory",
            "640m",
            "--conf",
            "spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            "--conf",
            "spark.eventLog.enabled=true",
            "--conf",
            "spark.eventLog.dir=" + events.toUri(),
            "process");
    processor.awaitLine("KAPPA READY processor");
  }

  @AfterAll
  void stop() throws Exception {
    for (int i = started.size() - 1; i >= 0; i--) {
      started.get(i).close();
    }
  }

  private <T extends AutoCloseable> T opened(T server) {
    started.add(server);
    return server;
  }

  private Program start(String log, String... command) throws Exception {
    List<String> words = new ArrayList<>(List.of(command));
    if (!words.contains("--home")) {
      words.add("--config=" + directory.resolve("kappa.yaml"));
      words.add("--home=" + directory.resolve("home"));
    }
    Map<String, String> secrets =
        postgres == null
            ? Map.of()
            : Map.of(
                "KAPPA_SOURCE_PASSWORD", postgres.password(),
                "KAPPA_SINK_PASSWORD", postgres.password());
    return opened(Program.start(directory.resolve(log), secrets, words.toArray(String[]::new)));
  }

  private String configuration() {
    return """
        source: {url: "%1$s", user: "%3$s"}
        sink: {url: "%2$s", user: "%3$s"}
        kafka: {bootstrap-servers: "%4$s", partitions: 4}
        lake: {path: "%5$s"}
        processor: {max-changes-per-batch: 20000, work-dir: "%6$s"}
        """
        .formatted(
            postgres.jdbcUrl("shop"),
            postgres.jdbcUrl("trail"),
            postgres.user(),
            kafka.bootstrapServers(),
            directory.resolve("lake"),
            directory.resolve("work"));
  }

  private String master() throws Exception {
    return cluster
        .said()
        .lines()
        .filter(line -> line.startsWith("MASTER "))
        .map(line -> line.substring("MASTER ".length()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  @Order(1)
  void topicsHaveTheReplicasThatTheBrokersGiveThem() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      Map<String, TopicDescription> topics =
          admin.describeTopics(admin.listTopics().names().get()).allTopicNames().get();

      assertThat(topics).containsKeys("pgsrc.public.entry", "pgsrc.public.note");
      assertThat(topics.get("pgsrc.public.entry").partitions()).hasSize(4);
      assertThat(topics.values())
          .allSatisfy(
              topic ->
                  assertThat(topic.partitions())
                      .allSatisfy(partition -> assertThat(partition.replicas()).hasSize(3)));
    }
  }

  @Test
  @Order(2)
  void whatAKilledWorkerWasAtIsDoneOnceByTheOtherAndAWorkerThatComesBackGetsWork()
      throws Exception {
    source.goOn(200);
    await().atMost(ARRIVAL_MAX).until(() -> tasks.executors().size() == 2);
    assertThat(saidToEverybody()).noneMatch(text -> text.contains(postgres.password()));

    killWorker("worker-1");
    int doneByThen = tasks.done().size();
    source.goOn(200);
    source.burst(BACKLOG / 2);
    source.awaitRounds();
    awaitTrail();

    Set<String> later = Set.copyOf(tasks.done().subList(doneByThen, tasks.done().size()));
    assertThat(later).isNotEmpty();
    start(
            "worker.log",
            "cluster/spark",
            "worker",
            master(),
            "--name",
            "worker-1",
            "--home",
            directory + "/cluster")
        .awaitLine("READY");
    await().atMost(ARRIVAL_MAX).until(() -> tasks.executorsStarted() == 3);
    source.burst(BACKLOG / 2);
    await().atMost(ARRIVAL_MAX).untilAsserted(() -> assertThat(tasks.executors()).hasSize(3));
    assertCompleteAndVerified();
  }

  @Test
  @Order(3)
  void aBrokerThatIsGoneForGoodIsDoneWithout() throws Exception {
    source.goOn(200);

    transactionCoordinator().kill();
    source.goOn(200);
    source.burst(BACKLOG / 4);
    source.awaitRounds();

    assertCompleteAndVerified();
  }

  @Test
  @Order(4)
  void aDriverWhoseApplicationIsKilledSaysSoAndEnds() throws Exception {
    String application = tasks.log().orElseThrow().getFileName().toString().replaceAll("\\..*", "");
    HttpResponse<String> killed =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create(masterPage() + "/app/kill/?terminate=true&id=" + application))
                    .POST(BodyPublishers.noBody())
                    .build(),
                BodyHandlers.ofString());
    assertThat(killed.statusCode()).isLessThan(400);

    assertThat(processor.fails()).contains("problem: Spark has ended this application", "remedy:");
  }

  /** Spark's own page about the cluster. */
  private String masterPage() throws Exception {
    Matcher page =
        Pattern.compile("Bound MasterWebUI to .* started at (http://\\S+)")
            .matcher(Files.readString(directory.resolve("cluster/logs/master.log")));
    assertThat(page.find()).isTrue();
    return page.group(1);
  }

  /** Command lines, and the logs of driver, master, workers and executors. */
  private List<String> saidToEverybody() throws Exception {
    List<String> said = new ArrayList<>(List.of(processor.said()));
    ProcessHandle.allProcesses()
        .forEach(process -> process.info().commandLine().ifPresent(said::add));
    said.add(Files.readString(tasks.log().orElseThrow()));
    try (Stream<Path> files = Files.walk(directory.resolve("cluster"))) {
      for (Path file :
          files.filter(path -> path.toString().matches(".*(log|stderr|stdout)")).toList()) {
        said.add(Files.isRegularFile(file) ? Files.readString(file) : "");
      }
    }
    return said;
  }

  /** The worker, and the executor that it started. */
  private void killWorker(String name) throws Exception {
    Path pid = directory.resolve("cluster/run").resolve(name + ".pid");
    ProcessHandle worker =
        ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
    List<ProcessHandle> executors = worker.descendants().toList();
    assertThat(executors).isNotEmpty();
    worker.destroyForcibly();
    executors.forEach(ProcessHandle::destroyForcibly);
  }

  /** The broker that capture's transactions depend on. */
  private EmbeddedKafka transactionCoordinator() throws Exception {
    String topic = "__transaction_state";
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      int id =
          admin
              .describeTopics(Set.of(topic))
              .allTopicNames()
              .get()
              .get(topic)
              .partitions()
              .get(0)
              .leader()
              .id();
      return kafka.brokers().get(id - 1);
    }
  }

  private void awaitTrail() {
    await()
        .atMost(ARRIVAL_MAX)
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              assertThat(trail("entry")).isEqualTo(source.entries());
              assertThat(trail("note")).isEqualTo(source.notes());
            });
  }

  private long trail(String table) throws Exception {
    try (Connection connection = postgres.connect("trail");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM public." + table + "_trail")) {
      row.next();
      return row.getLong(1);
    }
  }

  private void assertCompleteAndVerified() throws Exception {
    String verification =
        start("verify-" + commands++ + ".log", "kappa", "verify", "--timeout=10m").succeeds();
    assertThat(verification).contains("match");
    awaitTrail();
    String counts =
        start(
                "sql-" + commands++ + ".log",
                "kappa",
                "sql",
                "--format=csv",
                "SELECT (SELECT count(*) FROM trail.public_entry) AS entries,"
                    + " (SELECT count(*) FROM trail.public_note) AS notes")
            .succeeds();
    assertThat(counts.lines().map(String::strip)).contains(source.entries() + "," + source.notes());
  }
}
