package io.kappacdc.processor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kappacdc.event.Cut;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.erase.LifeSearch;
import io.kappacdc.processor.erase.Lives;
import io.kappacdc.processor.erase.QuarantineMatch;
import io.kappacdc.processor.erase.QuarantinedBytes;
import io.kappacdc.processor.erase.RowKey;
import io.kappacdc.processor.lake.LakeCatalog.Store;
import io.kappacdc.processor.lake.LakeErasure;
import io.kappacdc.processor.postgres.PostgresSettings;
import io.kappacdc.processor.postgres.TrailErasure;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * One person's removal from all stores of a table: what there is, how it goes, whether it is gone.
 */
final class Erasure {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ProcessorSettings settings;
  private final String topic;
  private final TableSchema schema;
  private final Request request;
  private final TrailErasure trail;
  private final LakeErasure lake;
  private @Nullable Set<RowKey> ownKeys;

  /**
   * What is asked for.
   *
   * @param quarantineContaining whether records that cannot be read go too if they have the key's
   *     text
   * @param lives what was found of the row before anything was removed; null before
   * @param removed how much there was of it; null before
   */
  record Request(
      RowKey key,
      boolean evenIfAlive,
      boolean quarantineContaining,
      @Nullable Lives lives,
      @Nullable Counts removed) {
    static Request of(RowKey key, boolean evenIfAlive, boolean quarantineContaining) {
      return new Request(key, evenIfAlive, quarantineContaining, null, null);
    }

    private Request found(Lives foundLives, Counts counts) {
      return new Request(key, evenIfAlive, quarantineContaining, foundLives, counts);
    }

    String toJson() {
      ObjectNode node = JSON.createObjectNode();
      key.texts().forEach(node.putArray("key")::add);
      node.put("evenIfAlive", evenIfAlive).put("quarantineContaining", quarantineContaining);
      if (lives != null && removed != null) {
        node.put("lives", lives.toJson());
        node.set("removed", removed.toJson());
      }
      return node.toString();
    }

    static Request fromJson(String json) {
      try {
        JsonNode node = JSON.readTree(json);
        List<String> texts = new ArrayList<>();
        node.get("key").forEach(text -> texts.add(text.asText()));
        return new Request(
            new RowKey(texts),
            node.get("evenIfAlive").asBoolean(),
            node.get("quarantineContaining").asBoolean(),
            node.has("lives") ? Lives.fromJson(node.get("lives").asText()) : null,
            node.has("removed") ? Counts.fromJson(node.get("removed")) : null);
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException("Not a request", e);
      }
    }
  }

  /** How much there is in each place, in the order of the stores. */
  record Counts(Map<String, Long> byPlace) {
    long sum() {
      return byPlace.values().stream().mapToLong(Long::longValue).sum();
    }

    ObjectNode toJson() {
      ObjectNode node = JSON.createObjectNode();
      byPlace.forEach(node::put);
      return node;
    }

    static Counts fromJson(JsonNode node) {
      Map<String, Long> counts = new LinkedHashMap<>();
      node.fields()
          .forEachRemaining(field -> counts.put(field.getKey(), field.getValue().asLong()));
      return new Counts(counts);
    }
  }

  /**
   * What there is of a row.
   *
   * @param unreadable places of records in quarantine that have the key's text and cannot be read
   */
  record Found(Lives lives, boolean isAlive, Counts counts, List<String> unreadable) {}

  /**
   * What was looked through afterwards.
   *
   * @param findings where the row still is
   */
  record Proof(long files, long bytes, List<String> findings) {
    boolean isClean() {
      return findings.isEmpty();
    }
  }

  Erasure(
      SparkSession spark,
      ProcessorSettings settings,
      String topic,
      TableSchema schema,
      Request request) {
    this.settings = settings;
    this.topic = topic;
    this.schema = schema;
    this.request = request;
    this.trail = new TrailErasure(settings.postgres(), schema);
    this.lake = new LakeErasure(spark.newSession(), settings.lakePath(), topic, schema);
  }

  /** Why stores have not taken in all that lies before a cut; empty if they have. */
  Optional<String> lag(Cut cut) throws SQLException {
    Map<String, Map<Integer, Long>> stores = new LinkedHashMap<>();
    stores.put("postgres-trail", TrailErasure.nextOffsets(settings.postgres(), topic));
    for (Store store : Store.values()) {
      stores.put(store.sink(), lake.nextOffsets(store));
    }
    long[] ends = cut.endOffsets().getOrDefault(topic, new long[0]);
    for (Map.Entry<String, Map<Integer, Long>> store : stores.entrySet()) {
      for (int partition = 0; partition < ends.length; partition++) {
        long next = store.getValue().getOrDefault(partition, 0L);
        if (next < ends[partition]) {
          return Optional.of(
              "%s is at offset %d of %d in partition %d of %s"
                  .formatted(store.getKey(), next, ends[partition], partition, topic));
        }
      }
    }
    return Optional.empty();
  }

  /** Looks for the row and its former and later keys in all stores. */
  Found find() throws SQLException {
    Lives lives = LifeSearch.trace(trail.texts(request.key()), List.of(trail, lake));
    if (request.lives() != null) {
      lives = lives.and(request.lives());
    }
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("postgres-trail", (long) trail.changesIn(lives).size());
    for (Store store : Store.values()) {
      LakeErasure.Count count = lake.count(store, lives);
      counts.put(store.sink(), count.rows());
      counts.put(store.sink() + ", old files and dead rows", count.elsewhere());
    }
    QuarantineMatch erased = quarantineTest(lives);
    Set<String> unreadable = new TreeSet<>();
    counts.put("postgres-trail, quarantine", (long) quarantined(erased).size());
    counts.put("lake, quarantine", (long) lake.quarantined(erased).size());
    QuarantineMatch containing = containing(lives, schema.key());
    quarantined(containing).forEach(record -> unreadable.add(place(record)));
    lake.quarantined(containing).forEach(record -> unreadable.add(place(record.bytes())));
    boolean isAlive = counts.get(Store.MIRROR.sink()) > 0;
    return new Found(lives, isAlive, new Counts(counts), List.copyOf(unreadable));
  }

  private String place(QuarantinedBytes record) {
    return topic + '-' + record.partition() + '@' + record.offset();
  }

  private List<QuarantinedBytes> quarantined(QuarantineMatch test) throws SQLException {
    return TrailErasure.quarantined(settings.postgres(), topic).stream()
        .filter(test::isErased)
        .toList();
  }

  private QuarantineMatch quarantineTest(Lives lives) {
    return quarantineTest(lives, schema.key(), request.quarantineContaining());
  }

  private static QuarantineMatch quarantineTest(
      Lives lives, List<String> keyColumns, boolean containing) {
    ArrayList<String> names = new ArrayList<>(keyColumns);
    return record -> record.isOf(lives, names) || containing && record.contains(lives);
  }

  private static QuarantineMatch containing(Lives lives, List<String> keyColumns) {
    ArrayList<String> names = new ArrayList<>(keyColumns);
    return record -> !record.isOf(lives, names) && record.contains(lives);
  }

  /** The request with what was found, for an attempt after this one. */
  Request keep(Found found) {
    Counts counts = request.removed() == null ? found.counts() : request.removed();
    return request.found(found.lives(), counts);
  }

  /**
   * Removes what was found. Nobody else may be writing.
   *
   * @param step told of each step before it is taken
   */
  void remove(Found found, Consumer<String> step) throws SQLException {
    Lives lives = found.lives();
    QuarantineMatch quarantined = quarantineTest(lives);
    ownKeys(lives);
    step.accept("postgres-trail: deleting");
    trail.erase(lives);
    for (Store store : Store.values()) {
      lake.erase(store, lives, ownKeys(lives), step);
    }
    step.accept("quarantine: deleting");
    PostgresSettings postgres = settings.postgres();
    TrailErasure.eraseQuarantined(postgres, topic, quarantined(quarantined));
    lake.eraseQuarantined(quarantined, step);
    LakeErasure.removeRemainsOfIndexes(settings.mirrors().indexDirectory());
  }

  /** Looked up once: what is removed does not change it. */
  private Set<RowKey> ownKeys(Lives lives) {
    if (ownKeys == null) {
      ownKeys = lake.ownKeys(lives);
    }
    return ownKeys;
  }

  /** Looks through everything that the stores keep. */
  Proof prove(Lives lives) throws SQLException {
    QuarantineMatch quarantined = quarantineTest(lives);
    LakeErasure.Searched searched = lake.search(lives, ownKeys(lives), quarantined);
    List<String> findings = new ArrayList<>(searched.findings());
    int changes = trail.changesIn(lives).size();
    if (changes > 0) {
      findings.add("trail in PostgreSQL: " + changes + " changes");
    }
    int records = quarantined(quarantined).size();
    if (records > 0) {
      findings.add("quarantine in PostgreSQL: " + records + " records");
    }
    return new Proof(searched.files(), searched.bytes(), findings);
  }

  /** The record of what was done, without the key. */
  static String outcome(Counts removed, Proof proof, List<String> unreadable) {
    ObjectNode node = JSON.createObjectNode();
    node.set("removed", removed.toJson());
    node.putObject("searched").put("files", proof.files()).put("bytes", proof.bytes());
    add(node.putArray("findings"), proof.findings());
    add(node.putArray("leftInQuarantine"), unreadable);
    return node.toString();
  }

  private static void add(ArrayNode array, List<String> texts) {
    texts.forEach(array::add);
  }
}
