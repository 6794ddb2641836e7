package io.kappacdc.processor.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kappacdc.event.Column;
import io.kappacdc.event.Cut;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.ServersForTests;
import io.kappacdc.processor.stream.CutPlanner.Extent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class CutPlannerTest {
  private static final TableSchema A = table("a");
  private static final TableSchema B = table("b");

  private final KafkaSettings kafka = ServersForTests.kafka();
  private final List<Cut> idle = new ArrayList<>();
  private final Map<TopicPartition, SinkPosition> positions = new HashMap<>();
  private CapturedTopics capture;
  private CutPlanner planner;
  private long offsetsMax = 1000;
  private int generation = CutPlanner.ANY_GENERATION;

  @BeforeEach
  void createTopics() {
    capture = new CapturedTopics(kafka).createTable(A).createTable(B);
  }

  @AfterEach
  void close() {
    capture.close();
    if (planner != null) {
      planner.close();
    }
  }

  private static TableSchema table(String name) {
    return new TableSchema(
        "public",
        name,
        List.of(Column.of("id", "integer")),
        List.of("id"),
        ReplicaIdentity.DEFAULT);
  }

  private CutPlanner planner(Extent extent) {
    planner =
        new CutPlanner(
            new CutPlanner.Settings(
                kafka,
                Pattern.compile(kafka.topics().tablePattern()),
                offsetsMax,
                positions,
                generation,
                extent,
                idle::add));
    return planner;
  }

  private Cut rows(TableSchema table, int from, int to) {
    add(table, from, to);
    return capture.commit();
  }

  private void add(TableSchema table, int from, int to) {
    capture.begin();
    for (int id = from; id <= to; id++) {
      capture.create(table, "" + id);
    }
  }

  /** The next batch, however long it takes. */
  private CutPlan.Batch batch(Offsets start) {
    while (true) {
      if (planner.next(start) instanceof CutPlan.Batch batch) {
        return batch;
      }
    }
  }

  private static void assertEnds(CutPlan.Batch batch, Cut cut) {
    assertThat(CapturedTopics.lists(batch.ends().byTopic()))
        .isEqualTo(CapturedTopics.lists(cut.endOffsets()));
  }

  private static List<Long> lsns(List<Cut> cuts) {
    return cuts.stream().map(Cut::lsn).toList();
  }

  @Test
  void batchesEndOnTheLastCutWithinTheLimit() {
    // Given
    offsetsMax = 25;
    rows(A, 1, 10);
    Cut second = rows(B, 1, 10);
    Cut third = rows(A, 11, 20);
    planner(Extent.ENDLESS);

    // When
    CutPlan.Batch first = batch(new Offsets());
    CutPlan.Batch next = batch(first.ends());

    // Then
    assertEnds(first, second);
    assertThat(first.reached()).isNotNull().extracting(Cut::lsn).isEqualTo(second.lsn());
    assertEnds(next, third);
    assertThat(planner.next(next.ends())).isInstanceOf(CutPlan.Nothing.class);
  }

  @Test
  void aCutThatComesLaterMakesTheNextBatch() {
    // Given
    Offsets end = batchOf(rows(A, 1, 10));

    // When
    Cut later = rows(B, 1, 3);

    // Then
    assertEnds(batch(end), later);
  }

  private Offsets batchOf(Cut cut) {
    planner(Extent.ENDLESS);
    CutPlan.Batch batch = batch(new Offsets());
    assertEnds(batch, cut);
    return batch.ends();
  }

  @Test
  void aCutTooLargeForABatchIsTakenInPartsOfAllPartitions() {
    // Given
    offsetsMax = 30;
    Cut large = rows(A, 1, 100);
    planner(Extent.ENDLESS);

    // When
    List<CutPlan.Batch> batches = new ArrayList<>();
    Offsets start = new Offsets();
    do {
      batches.add(batch(start));
      start = batches.get(batches.size() - 1).ends();
    } while (batches.get(batches.size() - 1).reached() == null);

    // Then
    assertThat(batches).hasSizeBetween(4, 6);
    assertEnds(batches.get(batches.size() - 1), large);
    assertThat(CapturedTopics.lists(batches.get(0).ends().byTopic()).get(capture.topic(A)))
        .allSatisfy(end -> assertThat(end).isBetween(10L, 20L));
  }

  @Test
  void endsOnCompleteCutsWhereItCanAndOnPartialOnesWhereItMust() {
    // Given
    offsetsMax = 25;
    Cut complete = rows(A, 1, 10);
    add(B, 1, 10);
    Cut firstPart = capture.commitPart();
    capture.goOn().create(B, "11");
    for (int id = 12; id <= 30; id++) {
      capture.create(B, "" + id);
    }
    Cut end = capture.commit();
    planner(Extent.ENDLESS);

    // When
    CutPlan.Batch first = batch(new Offsets());
    CutPlan.Batch second = batch(first.ends());
    CutPlan.Batch third = batch(second.ends());

    // Then
    assertEnds(first, complete);
    assertThat(first.reached()).isNotNull();
    assertEnds(second, firstPart);
    assertThat(second.reached()).isNull();
    assertEnds(third, end);
    assertThat(third.reached()).isNotNull();
  }

  @Test
  void abortedTransactionsHaveNoCut() {
    // Given
    Cut first = rows(A, 1, 10);
    capture.begin().create(A, "11").create(A, "12").abort();
    Offsets end = batchOf(first);

    // When
    Cut second = rows(A, 13, 20);

    // Then
    assertEnds(batch(end), second);
  }

  @Test
  void signsOfLifeOfAnIdleSourceAreReportedWithoutABatch() {
    // Given
    Offsets end = batchOf(rows(A, 1, 10));

    // When
    capture.heartbeat();
    Cut last = capture.heartbeat();
    Awaitility.await()
        .atMost(30, TimeUnit.SECONDS)
        .until(
            () -> {
              assertThat(planner.next(end)).isInstanceOf(CutPlan.Nothing.class);
              return lsns(idle).contains(last.lsn());
            });

    // Then
    assertThat(lsns(idle)).isSorted().endsWith(last.lsn());
  }

  @Test
  void aSinkThatIsAtACutIsToldSoAtTheStart() {
    // Given
    rows(A, 1, 10);
    capture.heartbeat();
    Cut last = capture.heartbeat();
    Offsets at = at(last);
    planner(Extent.ENDLESS);

    // When
    CutPlan plan = planner.next(at);

    // Then
    assertThat(plan).isInstanceOf(CutPlan.Nothing.class);
    assertThat(lsns(idle)).containsExactly(last.lsn());
  }

  /** Puts the sink at a cut. */
  private Offsets at(Cut cut) {
    Offsets offsets = new Offsets();
    cut.endOffsets()
        .forEach(
            (topic, ends) -> {
              for (int partition = 0; partition < ends.length; partition++) {
                offsets.put(topic, partition, ends[partition]);
                positions.put(
                    new TopicPartition(topic, partition),
                    new SinkPosition(cut.lsn(), 1, ends[partition]));
              }
            });
    return offsets;
  }

  @Test
  void findsItsPlaceAmongManyCuts() {
    // Given
    Cut behind = null;
    Cut next = null;
    for (int id = 1; id <= 300; id++) {
      Cut cut = rows(id % 3 == 0 ? A : B, id, id);
      behind = id == 217 ? cut : behind;
      next = id == 218 ? cut : next;
      if (id % 7 == 0) {
        capture.begin().create(A, "-1").abort();
      }
    }
    offsetsMax = 3;
    Offsets start = at(behind);
    planner(Extent.ENDLESS);

    // When
    CutPlan.Batch batch = batch(start);

    // Then
    assertEnds(batch, next);
  }

  @Test
  void cutsThatSomePartitionsHavePassedAreNoMoments() {
    // Given
    rows(A, 1, 10);
    Cut second = rows(B, 1, 10);
    rows(B, 11, 20);
    Cut last = rows(A, 11, 20);
    Offsets ofA = at(last);
    positions.keySet().removeIf(partition -> partition.topic().equals(capture.topic(B)));
    Offsets start = new Offsets();
    ofA.forEach(
        (topic, partition, offset) ->
            start.put(topic, partition, topic.equals(capture.topic(A)) ? offset : 0));
    offsetsMax = 12;
    planner(Extent.ENDLESS);

    // When
    CutPlan.Batch batch = batch(start);
    CutPlan.Batch next = batch(batch.ends());

    // Then
    assertThat(batch.ends().get(capture.topic(B), 0))
        .isEqualTo(second.endOffsets().get(capture.topic(B))[0]);
    assertThat(batch.reached()).isNull();
    assertEnds(next, last);
    assertThat(next.reached()).isNotNull().extracting(Cut::lsn).isEqualTo(last.lsn());
    assertThat(idle).isEmpty();
  }

  @Test
  void aReplayEndsAtTheNewestCutOfItsStart() {
    // Given
    Cut last = rows(A, 1, 10);
    planner(Extent.UP_TO_NOW);
    CutPlan.Batch batch = batch(new Offsets());
    rows(A, 11, 20);

    // When
    CutPlan plan = planner.next(batch.ends());

    // Then
    assertEnds(batch, last);
    assertThat(plan).isInstanceOf(CutPlan.Nothing.class);
  }

  @Test
  void takesUpCutsAsSoonAsThereAreSome() {
    // Given
    planner(Extent.ENDLESS);
    assertThat(planner.next(new Offsets())).isInstanceOf(CutPlan.NoCuts.class);

    // When
    Cut cut = rows(A, 1, 10);

    // Then
    assertEnds(batch(new Offsets()), cut);
  }

  @Test
  void recordsThatAreNoCutsAreSkipped() {
    // Given
    try (var producer = ServersForTests.producer(kafka, Map.of())) {
      producer.send(new ProducerRecord<>(kafka.topics().cuts(), 0, null, new byte[] {1}));
      producer.send(new ProducerRecord<>(kafka.topics().cuts(), 0, null, null));
      producer.flush();
    }
    Cut cut = rows(A, 1, 10);
    planner(Extent.ENDLESS);

    // When
    CutPlan.Batch batch = batch(new Offsets());

    // Then
    assertEnds(batch, cut);
  }

  @Test
  void cutsOfAnOlderGenerationAreNotPlannedOn() {
    // Given
    rows(A, 1, 10);
    capture.beginGeneration(A);
    Cut cut = rows(B, 1, 5);
    generation = 2;
    planner(Extent.ENDLESS);

    // When
    CutPlan.Batch batch = batch(new Offsets());

    // Then
    assertEnds(batch, cut);
  }

  @Test
  void aGenerationThatBeganBehindTheSinksPositionsIsNotPlannedOn() {
    // Given
    generation = 1;
    rows(A, 1, 10);
    capture.beginGeneration(A);
    rows(A, 1, 5);
    planner(Extent.ENDLESS);

    // When, Then
    assertThatThrownBy(() -> planner.next(new Offsets()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("generation 2");
  }

  @Test
  void aNewGenerationEndsTheQuery() {
    // Given
    Offsets end = batchOf(rows(A, 1, 10));
    capture.beginGeneration(A);

    // When
    rows(B, 1, 5);

    // Then
    assertThatThrownBy(() -> batch(end))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("generation 2");
  }

  @Test
  void aTopicThatIsGoneIsRefused() throws Exception {
    // Given
    Cut cut = rows(A, 1, 10);
    try (Admin admin = Admin.create(kafka.admin())) {
      admin.deleteTopics(List.of(capture.topic(A))).all().get();
    }
    Awaitility.await()
        .atMost(30, TimeUnit.SECONDS)
        .until(
            () ->
                StartingOffsets.plan(kafka, kafka.topics().tablePattern(), Map.of())
                        .get(capture.topic(A), 0)
                    == Offsets.UNKNOWN);
    planner(Extent.ENDLESS);

    // When, Then
    assertThatThrownBy(() -> batch(new Offsets()))
        .isInstanceOf(GapException.class)
        .hasMessageContaining("the topic does not exist");
    assertThat(cut.isComplete()).isTrue();
  }

  @Test
  void offsetsThatGoBackWithinAGenerationAreRefused() {
    // Given
    rows(A, 1, 10);
    Offsets end = batchOf(rows(A, 11, 20));
    capture.forget(A);

    // When
    rows(B, 1, 2);

    // Then
    assertThatThrownBy(() -> batch(end))
        .isInstanceOf(GapException.class)
        .hasMessageContaining("the topic was made anew");
  }
}
