package io.kappacdc.processor.verify;

import io.kappacdc.event.Cut;
import io.kappacdc.processor.lake.LakeCatalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Waits until the stores have passed a cut, and keeps the version of each lake table that did
 * first, so that few changes after the fence are in it.
 */
final class StoreProgress {
  /**
   * Where the stores are.
   *
   * @param trails a version of each Delta trail that is as far as its mirror below
   * @param mirrors the first version seen of each mirror that has passed the cut
   * @param lags reasons why a store has not passed it, by store and topic
   */
  record Reached(
      Map<TableName, LakeSnapshot> trails,
      Map<TableName, LakeSnapshot> mirrors,
      Map<String, Map<String, String>> lags) {
    /** Why stores are not as far as the cut with this topic, by store. */
    Map<String, String> lagsOf(String topic) {
      Map<String, String> found = new HashMap<>();
      lags.forEach(
          (store, topics) -> {
            if (topics.containsKey(topic)) {
              found.put(store, topics.get(topic));
            }
          });
      return found;
    }
  }

  private static final String STOPPED =
      ", where it has stopped while others went on (`./kappa status` has the reason)";

  private final DatabaseAddress sink;
  private final DeltaLake lake;
  private final Cut cut;
  private final Set<String> topics;
  private final Map<TableName, LakeSnapshot> trails = new HashMap<>();
  private final Map<TableName, LakeSnapshot> mirrors = new HashMap<>();

  /**
   * @param topics the topics that matter; those that are not in the cut have no events before it
   */
  StoreProgress(DatabaseAddress sink, DeltaLake lake, Cut cut, Set<String> topics) {
    this.sink = sink;
    this.lake = lake;
    this.cut = cut;
    this.topics = topics;
  }

  Reached await(Deadline deadline) {
    try (Connection connection = sink.connect()) {
      Lags lags = lags(connection, Set.of());
      while (!lags.areFinal()) {
        deadline.pause();
        // Both before the look, which may tell of a time long before its end.
        boolean isLast = deadline.passed();
        lags = lags(connection, storesPastTheCut(connection));
        if (isLast) {
          break;
        }
      }
      return new Reached(Map.copyOf(trails), Map.copyOf(mirrors), lags.reasons());
    } catch (SQLException e) {
      throw NotVerifiedException.unreachable("the PostgreSQL trail", sink, e);
    }
  }

  /**
   * Why stores have not passed the cut.
   *
   * @param reasons by store and topic
   * @param areFinal whether waiting does not change them
   */
  private record Lags(Map<String, Map<String, String>> reasons, boolean areFinal) {}

  /** Stores that say that they have passed it; topics that they have not stopped at. */
  private Set<String> storesPastTheCut(Connection connection) throws SQLException {
    Set<String> stores = new HashSet<>();
    if (PostgresTrail.hasNoted(connection, cut)) {
      stores.add(PostgresTrail.STORE);
    }
    if (lake.hasNoted(LakeCatalog.Store.TRAIL, cut)) {
      stores.add(DeltaFold.STORE);
    }
    if (lake.hasNoted(LakeCatalog.Store.MIRROR, cut)) {
      stores.add(MirrorAtFence.STORE);
    }
    return stores;
  }

  private Lags lags(Connection connection, Set<String> past) throws SQLException {
    Map<String, Map<Integer, Long>> ledger = PostgresTrail.nextOffsets(connection);
    DeltaLake.Tables newest = lake.tables();
    keepFirst(newest.mirrors(), mirrors);
    newest
        .trails()
        .forEach(
            (table, trail) -> {
              LakeSnapshot kept = trails.get(table);
              if (kept == null || !isAsFarAs(kept, mirrors.get(table)) || lag(kept) != null) {
                trails.put(table, trail);
              }
            });
    Map<String, Map<String, String>> lags = new TreeMap<>();
    for (String topic : topics) {
      put(lags, PostgresTrail.STORE, topic, lag(topic, ledger.getOrDefault(topic, Map.of())));
      put(lags, DeltaFold.STORE, topic, lag(topic, offsets(trails, topic)));
      put(lags, MirrorAtFence.STORE, topic, lag(topic, offsets(mirrors, topic)));
    }
    lags.forEach(
        (store, topicLags) -> {
          if (past.contains(store)) {
            topicLags.replaceAll((topic, lag) -> lag + STOPPED);
          }
        });
    boolean areFinal = past.containsAll(lags.keySet());
    for (Map.Entry<TableName, LakeSnapshot> mirror : mirrors.entrySet()) {
      String topic = mirror.getValue().topic();
      if (topics.contains(topic) && !isAsFarAs(trails.get(mirror.getKey()), mirror.getValue())) {
        areFinal &= lags.getOrDefault(DeltaFold.STORE, Map.of()).containsKey(topic);
        put(lags, DeltaFold.STORE, topic, "it is behind the mirror");
      }
    }
    return new Lags(lags, areFinal);
  }

  private void keepFirst(Map<TableName, LakeSnapshot> newest, Map<TableName, LakeSnapshot> kept) {
    newest.forEach(
        (table, snapshot) -> {
          LakeSnapshot before = kept.get(table);
          if (before == null || lag(before) != null) {
            kept.put(table, snapshot);
          }
        });
  }

  private static void put(
      Map<String, Map<String, String>> lags, String store, String topic, @Nullable String lag) {
    if (lag != null) {
      lags.computeIfAbsent(store, name -> new TreeMap<>()).putIfAbsent(topic, lag);
    }
  }

  private static Map<Integer, Long> offsets(Map<TableName, LakeSnapshot> snapshots, String topic) {
    return snapshots.values().stream()
        .filter(snapshot -> snapshot.topic().equals(topic))
        .findFirst()
        .map(LakeSnapshot::nextOffsets)
        .orElse(Map.of());
  }

  private @Nullable String lag(LakeSnapshot snapshot) {
    return lag(snapshot.topic(), snapshot.nextOffsets());
  }

  private @Nullable String lag(String topic, Map<Integer, Long> nextOffsets) {
    long[] ends = cut.endOffsets().get(topic);
    if (ends == null) {
      return null;
    }
    List<String> behind = new ArrayList<>();
    for (int partition = 0; partition < ends.length; partition++) {
      long next = nextOffsets.getOrDefault(partition, 0L);
      if (next < ends[partition]) {
        behind.add(
            "partition %d is at offset %d of %d".formatted(partition, next, ends[partition]));
      }
    }
    return behind.isEmpty() ? null : String.join(", ", behind);
  }

  private static boolean isAsFarAs(@Nullable LakeSnapshot trail, @Nullable LakeSnapshot mirror) {
    if (mirror == null) {
      return true;
    }
    Map<Integer, Long> reached = trail == null ? Map.of() : trail.nextOffsets();
    return mirror.nextOffsets().entrySet().stream()
        .allMatch(next -> reached.getOrDefault(next.getKey(), 0L) >= next.getValue());
  }
}
