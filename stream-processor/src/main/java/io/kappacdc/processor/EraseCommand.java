package io.kappacdc.processor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kappacdc.event.Cut;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.erase.RowKey;
import io.kappacdc.processor.lake.LakeSparkSession;
import io.kappacdc.processor.postgres.ErasureRequests;
import io.kappacdc.processor.postgres.ProcessorLock;
import io.kappacdc.processor.postgres.TrailErasure;
import io.kappacdc.processor.stream.KafkaRetention;
import io.kappacdc.processor.stream.NewestCut;
import io.kappacdc.runtime.cli.CommonOptions;
import io.kappacdc.runtime.cli.ExitCode;
import io.kappacdc.runtime.cli.OperatorAction;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kappa erase}: a row with all its changes, from every store. */
@OperatorAction(shows = {"--table", "--yes", "--check", "--even-if-alive"})
@Command(
    name = "erase",
    mixinStandardHelpOptions = true,
    description = {
      "Remove one row of a table, with all its changes under this and its former and later keys,"
          + " from the PostgreSQL trail, the Delta trail, the Delta mirror and the quarantine, and"
          + " search all their files for what is left.",
      "Kafka keeps the changes for as long as kafka.retention says; a rebuild until then brings"
          + " them back."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it is gone, or was not there",
      "1:it is still somewhere, or could not be removed",
      "2:nothing was removed: --yes is missing, or the call is wrong"
    })
final class EraseCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TAKE_UP_MAX = Duration.ofMinutes(5);
  private static final Duration LOOK = Duration.ofMillis(500);

  @Option(
      names = "--table",
      required = true,
      paramLabel = "SCHEMA.TABLE",
      description = "The table.")
  private String table = "";

  @Option(
      names = "--key",
      required = true,
      paramLabel = "[COLUMN=]VALUE",
      description =
          "The row's primary key as PostgreSQL prints it; of several columns, each as"
              + " COLUMN=VALUE.")
  private List<String> key = List.of();

  @Option(names = "--yes", description = "Do it. Without, show what would be removed.")
  private boolean yes;

  @Option(
      names = "--even-if-alive",
      description = "Also if the source still has the row, whose next change brings it back.")
  private boolean evenIfAlive;

  @Option(
      names = "--quarantine-containing",
      description =
          "Also records in quarantine that cannot be read and have the key's text in them.")
  private boolean quarantineContaining;

  @Option(names = "--check", description = "Only search; remove nothing.")
  private boolean check;

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  @Mixin private CommonOptions common = new CommonOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  private final ObjectNode report = JSON.createObjectNode();

  @Override
  public Integer call() throws Exception {
    ProcessorSettings settings = ProcessorSettings.from(common.load(Map.of()));
    String topic = topic(settings);
    TableSchema schema = schema(settings, topic);
    Erasure.Request request = Erasure.Request.of(rowKey(schema), evenIfAlive, quarantineContaining);
    int code;
    try (LakeSparkSession spark = LakeSparkSession.start("kappa erase")) {
      Erasure erasure = new Erasure(spark.session(), settings, topic, schema, request);
      code = run(spark.session(), settings, topic, schema, request, erasure);
    }
    if (json) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(report.toPrettyString());
      out.flush();
    }
    return code;
  }

  private void say(String line) {
    if (!json) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(line);
      out.flush();
    }
  }

  private String topic(ProcessorSettings settings) {
    int dot = table.indexOf('.');
    if (dot <= 0 || dot == table.length() - 1) {
      throw EraseErrors.noTableName(table);
    }
    return settings.kafka().topics().table(table.substring(0, dot), table.substring(dot + 1));
  }

  private static TableSchema schema(ProcessorSettings settings, String topic) {
    try {
      TableSchema schema =
          TrailErasure.schema(settings.postgres(), topic)
              .orElseThrow(() -> EraseErrors.unknownTable(topic));
      if (!schema.hasKey()) {
        throw EraseErrors.noKey(schema);
      }
      return schema;
    } catch (SQLException e) {
      throw EraseErrors.database(e);
    }
  }

  private RowKey rowKey(TableSchema schema) {
    if (key.size() != schema.key().size()) {
      throw EraseErrors.badKey(schema, key);
    }
    List<String> texts = new ArrayList<>();
    for (String column : schema.key()) {
      List<String> values =
          key.stream()
              .filter(given -> given.startsWith(column + '='))
              .map(given -> given.substring(column.length() + 1))
              .toList();
      if (values.size() == 1) {
        texts.add(values.get(0));
      } else if (key.size() == 1) {
        texts.add(key.get(0));
      } else {
        throw EraseErrors.badKey(schema, key);
      }
    }
    return new RowKey(texts);
  }

  private int run(
      SparkSession spark,
      ProcessorSettings settings,
      String topic,
      TableSchema schema,
      Erasure.Request request,
      Erasure erasure)
      throws Exception {
    Erasure.Found found = find(schema, erasure);
    show(settings, topic, schema, found);
    if (check || found.counts().sum() == 0 && (!yes || lag(settings, erasure).isEmpty())) {
      Erasure.Proof proof = erasure.prove(found.lives());
      return show(JSON.readTree(Erasure.outcome(found.counts(), proof, List.of())), false);
    }
    if (found.isAlive() && !evenIfAlive) {
      throw EraseErrors.alive();
    }
    if (!yes) {
      say("Nothing was removed. Repeat the command with --yes to remove it.");
      report.put("done", false);
      return ExitCode.NOT_DONE;
    }
    return erase(spark, settings, topic, request, erasure);
  }

  private static Erasure.Found find(TableSchema schema, Erasure erasure) {
    try {
      return erasure.find();
    } catch (SQLException e) {
      if (Optional.ofNullable(e.getSQLState())
          .filter(state -> state.startsWith("22"))
          .isPresent()) {
        throw EraseErrors.notOfType(schema, e);
      }
      throw EraseErrors.database(e);
    }
  }

  private void show(
      ProcessorSettings settings, String topic, TableSchema schema, Erasure.Found found)
      throws SQLException {
    say("Table " + schema.qualifiedName() + ", key (" + String.join(", ", schema.key()) + "):");
    found.lives().keys().forEach(one -> say("  " + one));
    if (found.lives().keys().size() > 1) {
      say("The row has had all of these keys; each is meant.");
    }
    say("What the stores have of it:");
    found.counts().byPlace().forEach((place, count) -> say("  %,10d  %s".formatted(count, place)));
    if (TrailErasure.isRekeyed(settings.postgres(), topic)) {
      say("The table once had another primary key: changes without this one are not looked at.");
    }
    if (!found.unreadable().isEmpty()) {
      say(
          "Records in quarantine that cannot be read and have the key's text"
              + (quarantineContaining
                  ? ", which go too:"
                  : "; --quarantine-containing removes them:"));
      found.unreadable().forEach(place -> say("  " + place));
    }
    String retention = KafkaRetention.describe(settings.kafka(), topic);
    say(
        "Kafka keeps the changes in topic "
            + topic
            + ' '
            + retention
            + "; a rebuild (./kappa replay --from earliest --rebuild) until then brings them"
            + " back.");
    report.put("table", schema.qualifiedName());
    for (RowKey one : found.lives().keys()) {
      one.texts().forEach(report.withArray("keys").addArray()::add);
    }
    report.put("alive", found.isAlive());
    report.set("found", found.counts().toJson());
    report.put("kafka", retention);
  }

  private int erase(
      SparkSession spark,
      ProcessorSettings settings,
      String topic,
      Erasure.Request request,
      Erasure erasure)
      throws Exception {
    ErasureRequests requests = new ErasureRequests(settings.postgres());
    try (ProcessorLock lock = new ProcessorLock(settings.postgres())) {
      if (lock.hold()) {
        Optional<String> lag = lag(settings, erasure);
        if (lag.isPresent()) {
          throw EraseErrors.behind(lag.get());
        }
        say("No processor is running: this command does it.");
        long id = requests.submit(topic, digest(topic, request.key()), request.toJson());
        ErasureQueue queue = new ErasureQueue(spark, settings, step -> say("  " + step));
        while (requests.status(id).succeeded() == null) {
          Optional<ErasureRequests.Request> due = queue.due();
          if (due.isPresent()) {
            queue.carryOut(due.get());
          } else {
            TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
          }
        }
        return ended(requests.status(id));
      }
    }
    long id = requests.submit(topic, digest(topic, request.key()), request.toJson());
    say("The running processor has been asked to erase it (request " + id + ").");
    return await(requests, id);
  }

  /** Which store has not all that was published by now, which may have more of the row. */
  private static Optional<String> lag(ProcessorSettings settings, Erasure erasure)
      throws SQLException {
    Optional<Cut> cut = NewestCut.find(settings.kafka());
    return cut.isPresent() ? erasure.lag(cut.get()) : Optional.empty();
  }

  private int await(ErasureRequests requests, long id) throws Exception {
    long deadline = System.nanoTime() + TAKE_UP_MAX.toNanos();
    String shown = "requested";
    while (true) {
      ErasureRequests.Status status = requests.status(id);
      if (status.succeeded() != null) {
        return ended(status);
      }
      if (!status.state().equals(shown)) {
        shown = status.state();
        say("  " + shown);
      }
      if (shown.equals("requested") && System.nanoTime() > deadline) {
        throw EraseErrors.notTakenUp(TAKE_UP_MAX.toMinutes(), id);
      }
      TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
    }
  }

  private int ended(ErasureRequests.Status status) {
    String outcome = Objects.requireNonNull(status.outcome());
    try {
      return show(JSON.readTree(outcome), true);
    } catch (JsonProcessingException e) {
      throw EraseErrors.failed(outcome);
    }
  }

  private int show(JsonNode outcome, boolean isOver) {
    JsonNode searched = outcome.path("searched");
    List<String> findings = new ArrayList<>();
    outcome.path("findings").forEach(finding -> findings.add(finding.asText()));
    if (isOver) {
      say("Removed.");
      outcome
          .path("leftInQuarantine")
          .forEach(place -> say("Left in quarantine: " + place.asText()));
      say("WAL archives, backups and replicas of the trail's database are not touched.");
    }
    say(
        "Searched %,d files of the lake, %,d bytes, and the trail in PostgreSQL: %s"
            .formatted(
                searched.path("files").asLong(),
                searched.path("bytes").asLong(),
                findings.isEmpty() ? "nothing of it was found." : "it is still in"));
    findings.forEach(finding -> say("  " + finding));
    report.put("done", isOver);
    report.set("outcome", outcome);
    return findings.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static String digest(String topic, RowKey key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(topic.getBytes(StandardCharsets.UTF_8));
      for (String text : key.texts()) {
        digest.update((byte) 0);
        digest.update(text.getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
