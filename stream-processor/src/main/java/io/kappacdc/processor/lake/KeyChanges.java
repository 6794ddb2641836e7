package io.kappacdc.processor.lake;

import io.kappacdc.event.Position;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.processor.lake.MirrorSlice.Plan;
import io.kappacdc.processor.lake.MirrorSlice.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * The tables of a batch in which updates changed keys and did not bring all values. A row's former
 * key may be in another slice than the row, so such tables are read twice more: by {@link
 * FormerRowsTask}, and by {@link MirrorSlice} again, which then knows what was found. Driver only.
 */
final class KeyChanges {
  private final Map<String, List<Result>> resultsByTopic = new HashMap<>();
  private final Function<String, Plan> plans;

  private KeyChanges(Function<String, Plan> plans) {
    this.plans = plans;
  }

  /**
   * @param results of the first look at a batch
   * @param plans by topic
   */
  static KeyChanges in(List<Result> results, Function<String, Plan> plans) {
    KeyChanges changes = new KeyChanges(plans);
    for (Result result : results) {
      if (!result.keyChanges().isEmpty()) {
        changes.resultsByTopic.put(result.partition().topic(), new ArrayList<>());
      }
    }
    for (Result result : results) {
      if (changes.concern(result)) {
        changes.resultsByTopic.get(result.partition().topic()).add(result);
      }
    }
    return changes;
  }

  boolean isEmpty() {
    return resultsByTopic.isEmpty();
  }

  /** Whether the slice is of one of the tables. */
  boolean concern(Result result) {
    return resultsByTopic.containsKey(result.partition().topic());
  }

  /** What to look for, by topic. */
  Map<String, FormerRowsTask.Wanted> wanted() {
    Map<String, FormerRowsTask.Wanted> wanted = new HashMap<>();
    resultsByTopic.forEach((topic, results) -> wanted.put(topic, wanted(topic, results)));
    return wanted;
  }

  private FormerRowsTask.Wanted wanted(String topic, List<Result> results) {
    ArrayList<KeyChange> changes = new ArrayList<>();
    LakeSchema columns = plans.apply(topic).table().columns();
    List<String> key = plans.apply(topic).key();
    for (Result result : results) {
      changes.addAll(result.keyChanges());
      columns = columns.reads(result.columns()) ? columns.plus(result.columns()) : columns;
      if (key == null && result.schema() != null) {
        key = schema(result).key();
      }
    }
    return new FormerRowsTask.Wanted(
        changes, columns, new ArrayList<>(Objects.requireNonNull(key)), plans.apply(topic));
  }

  private static TableSchema schema(Result result) {
    return SchemaJson.read(Objects.requireNonNull(result.schema()));
  }

  /** What was found, by topic: for the slices that are read again. */
  Map<String, FormerRows.Files> found(List<FormerRowsTask.Found> slices) {
    Map<String, FormerRows.Files> files = new HashMap<>();
    resultsByTopic.forEach(
        (topic, results) -> {
          Position upTo = upTo(results, plans.apply(topic));
          files.put(topic, new FormerRows.Files(new ArrayList<>(), upTo.lsn(), upTo.ordinal()));
        });
    for (FormerRowsTask.Found slice : slices) {
      if (slice.path() != null) {
        files.get(slice.topic()).paths().add(slice.path());
      }
    }
    return files;
  }

  /**
   * How far all slices can go together: if one could not be read to its end, a row must not get
   * ahead of its former key, nor stay behind it, or nothing would tell what it was.
   */
  private static Position upTo(List<Result> results, Plan plan) {
    Position upTo = Position.endOf(-1);
    for (Result result : results) {
      if (result.end() instanceof SliceEnd.Full
          || result.end() instanceof SliceEnd.NeedsWiderColumns) {
        Position reached =
            result.reached() == null
                ? plan.reached(result.partition().partition())
                : result.reached().position();
        upTo = upTo.isAfter(reached) ? reached : upTo;
      }
    }
    for (Result result : results) {
      for (KeyChange change : result.keyChanges()) {
        if (change.departure().equals(upTo)) {
          return change.position();
        }
      }
    }
    return upTo;
  }
}
