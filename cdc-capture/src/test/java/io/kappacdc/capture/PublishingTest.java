package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.TopicReader.Captured;
import io.kappacdc.capture.publish.Publication;
import io.kappacdc.capture.publish.PublisherSettings;
import io.kappacdc.capture.publish.TransactionAssembler;
import io.kappacdc.capture.publish.TransactionalPublisher;
import io.kappacdc.capture.resume.CapturedTables;
import io.kappacdc.capture.resume.GapException;
import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.capture.resume.SourceServer;
import io.kappacdc.capture.resume.SourceTransaction;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Column;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Position;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.TopicNames;
import io.kappacdc.runtime.KappaException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Assembler and publisher without a source: transactions that no server would send in this way. */
@ExtendWith(TestServers.class)
class PublishingTest {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final SourceOffset START =
      new SourceOffset(
          SourceOffset.Phase.STREAMING,
          100,
          1,
          new SourceServer("server", 1),
          null,
          null,
          CapturedTables.UNKNOWN);
  private static final TableSchema FUND =
      new TableSchema(
          "public",
          "fund",
          List.of(Column.of("id", "integer")),
          List.of("id"),
          ReplicaIdentity.DEFAULT);

  private final String prefix =
      "p" + NUMBER.incrementAndGet() + "_" + ProcessHandle.current().pid();

  private PublisherSettings settings(Servers servers, long transactionBytesMax) {
    return new PublisherSettings(
        servers.kafka().bootstrapServers(),
        Map.of(),
        new TopicNames(prefix),
        2,
        (short) 1,
        Duration.ofDays(1),
        "slot",
        transactionBytesMax);
  }

  private static void add(TransactionAssembler assembler, int rows) {
    for (int i = 1; i <= rows; i++) {
      Position position = new Position(0, assembler.nextOrdinal());
      assembler.add(
          ChangeEvent.create(new Origin(position, 7, 1), FUND, Row.of(Integer.toString(i))));
    }
  }

  private static Publication publication(
      TransactionAssembler assembler, SourceTransaction transaction) {
    add(assembler, Math.toIntExact(transaction.records()));
    assembler.end("7:200", transaction);
    return assembler.take().orElseThrow();
  }

  private static Publication publication(SourceOffset start, SourceTransaction transaction) {
    return publication(new TransactionAssembler(start, 1 << 20), transaction);
  }

  @Test
  void aTransactionWithOtherThanItsCountOfEventsStopsByName() {
    TransactionAssembler assembler = new TransactionAssembler(START, 1 << 20);
    add(assembler, 3);

    assertThatExceptionOfType(KappaException.class)
        .isThrownBy(() -> assembler.end("7:200", new SourceTransaction(7, 200, 5, 4)))
        .satisfies(
            e -> {
              assertThat(e.problem()).isEqualTo("Transaction 7:200 of the source is not complete.");
              assertThat(e.reason()).isEqualTo("It ended with 4 events, and 3 arrived.");
            });
    assertThat(assembler.take()).as("what would be published").isEmpty();
  }

  /** The server leaves a transaction out whose commit record begins before what it is asked for. */
  @Test
  void rowsThatAreReadBetweenTwoTransactionsLeaveThePlaceToGoOnFromWhereItWas(Servers servers) {
    SourceTransaction next = new SourceTransaction(8, 200, 5, 3);
    TransactionAssembler assembler = new TransactionAssembler(START, 1 << 20);
    readMeanwhile(assembler, 101);
    add(assembler, 3);
    assembler.end("8:200", next);
    try (TransactionalPublisher publisher = new TransactionalPublisher(settings(servers, 300));
        TopicReader topics = new TopicReader(servers.kafka().bootstrapServers(), prefix)) {
      publisher.open();
      publisher.publish(assembler.take().orElseThrow());

      assertThat(topics.cuts()).hasSizeGreaterThan(1);
      Cut behindTheRows = topics.cuts().get(0);
      assertThat(behindTheRows.lsn()).isEqualTo(100);
      assertThat(behindTheRows.state()).isEqualTo(Cut.State.PARTIAL);
      assertThat(topics.events("fund").get(0).isBefore(behindTheRows)).isTrue();
      assertThat(topics.cuts().get(topics.cuts().size() - 1).state()).isEqualTo(Cut.State.COMPLETE);
      topics.assertCutsHold();
    }
  }

  private static void readMeanwhile(TransactionAssembler assembler, long lsn) {
    Position position = new Position(lsn, Position.SNAPSHOT_ORDINAL_BASE + 1);
    assembler.readMeanwhile(
        lsn,
        List.of(ChangeEvent.read(new Origin(position, 0, 1), FUND, Row.of("1"))),
        CapturedTables.UNKNOWN.settledFrom(lsn));
  }

  @Test
  void whatIsCompleteAndNotPublishedYetIsKnownByItsTable() {
    TransactionAssembler assembler = new TransactionAssembler(START, 1 << 20);
    add(assembler, 1);
    assertThat(assembler.hasReadyEventsOf("public", "fund")).isFalse();

    assembler.end("7:200", new SourceTransaction(7, 200, 5, 1));

    assertThat(assembler.hasReadyEventsOf("public", "fund")).isTrue();
    assertThat(assembler.hasReadyEventsOf("public", "unit")).isFalse();
    assembler.take();
    assertThat(assembler.hasReadyEventsOf("public", "fund")).isFalse();
  }

  @Test
  void aPublisherThatWasTakenOverIsFenced(Servers servers) {
    SourceTransaction transaction = new SourceTransaction(7, 200, 5, 3);
    try (TransactionalPublisher zombie = new TransactionalPublisher(settings(servers, 1 << 20));
        TransactionalPublisher successor = new TransactionalPublisher(settings(servers, 1 << 20));
        TopicReader topics = new TopicReader(servers.kafka().bootstrapServers(), prefix)) {
      zombie.open();
      successor.open();
      successor.publish(publication(START, transaction));

      assertThatExceptionOfType(KappaException.class)
          .isThrownBy(() -> zombie.publish(publication(START, transaction)))
          .satisfies(e -> assertThat(e.problem()).startsWith("Another capture has taken over"));

      assertThat(topics.events("fund")).hasSize(3);
      assertThat(topics.cuts()).hasSize(1);
    }
  }

  /** Publishes some parts of a transaction, and nothing more. */
  private SourceOffset publishInPart(Servers servers, SourceTransaction transaction)
      throws InterruptedException {
    TransactionalPublisher publisher = new TransactionalPublisher(settings(servers, 1_000));
    publisher.open();
    Publication publication = publication(START, transaction);
    Thread end =
        new Thread(
            () -> {
              try (TopicReader topics =
                  new TopicReader(servers.kafka().bootstrapServers(), prefix)) {
                await().atMost(CaptureFixture.PATIENCE).until(() -> !topics.cuts().isEmpty());
              }
              publisher.abandon();
            });
    end.start();
    assertThatExceptionOfType(RuntimeException.class)
        .isThrownBy(() -> publisher.publish(publication));
    end.join();
    publisher.close();
    try (TransactionalPublisher next = new TransactionalPublisher(settings(servers, 1_000))) {
      return next.open().orElseThrow();
    }
  }

  @Test
  void theRestOfATransactionIsPublishedOnce(Servers servers) throws InterruptedException {
    SourceTransaction transaction = new SourceTransaction(7, 200, 5, 5_000);
    SourceOffset known = publishInPart(servers, transaction);
    assertThat(known.lsn()).isEqualTo(100);
    assertThat(known.begun().transaction()).isEqualTo(transaction);
    assertThat(known.begun().ordinal()).isBetween(1L, 4_999L);

    try (TransactionalPublisher successor = new TransactionalPublisher(settings(servers, 1_000))) {
      successor.publish(publication(successor.open().orElseThrow(), transaction));
    }

    try (TopicReader topics = new TopicReader(servers.kafka().bootstrapServers(), prefix)) {
      List<Captured> events = topics.events("fund");
      assertThat(events).hasSize(5_000);
      TopicReader.assertWholeTransactionsOnce(events);
      topics.assertCutsHold();
      List<Cut> cuts = topics.cuts();
      assertThat(cuts.subList(0, cuts.size() - 1)).noneMatch(Cut::isComplete);
      assertThat(cuts.get(cuts.size() - 1).isComplete()).isTrue();
      assertThat(cuts.get(cuts.size() - 1).lsn()).isEqualTo(200);
    }
  }

  @Test
  void anotherTransactionInPlaceOfTheOneThatWasBegunIsRefused() {
    SourceTransaction begun = new SourceTransaction(7, 200, 5, 3);
    SourceOffset known = START.within(begun, 2);

    for (SourceTransaction other :
        List.of(
            new SourceTransaction(8, 200, 5, 3),
            new SourceTransaction(7, 192, 5, 3),
            new SourceTransaction(7, 208, 5, 3),
            new SourceTransaction(7, 200, 6, 3),
            new SourceTransaction(7, 200, 5, 4))) {
      assertThatExceptionOfType(GapException.class)
          .as("%s", other)
          .isThrownBy(() -> publication(known, other))
          .satisfies(
              e -> assertThat(e.reason()).contains("Transaction 7 with 3 events", "its event 2"));
    }
    assertThatExceptionOfType(GapException.class)
        .isThrownBy(() -> new TransactionAssembler(known, 1 << 20).reached(208, 1));
    TransactionAssembler assembler = new TransactionAssembler(known, 1 << 20);
    assembler.end("6:160", new SourceTransaction(6, 160, 5, 0));
    assertThat(assembler.take().orElseThrow().offset().isMoment()).isFalse();
    assertThat(publication(assembler, begun).offset().isMoment()).isTrue();
  }
}
