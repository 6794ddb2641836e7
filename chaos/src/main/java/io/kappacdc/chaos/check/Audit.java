package io.kappacdc.chaos.check;

import io.kappacdc.chaos.stack.Stack;
import io.kappacdc.chaos.workload.Bank;
import io.kappacdc.chaos.workload.Load;
import io.kappacdc.chaos.workload.SourceLedger;
import io.kappacdc.chaos.workload.Tally;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.wire.TopicNames;
import io.kappacdc.processor.verify.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps account of every change, everywhere. One thread.
 *
 * <p>Expected is what the first snapshot read and what the source's ledger counts.
 */
public final class Audit implements AutoCloseable {
  /** Every so many accounts the PostgreSQL trail is counted from its beginning. */
  private static final int RECOUNT_EVERY = 20;

  private static final Duration POLL = Duration.ofMillis(50);

  private final Stack stack;
  private final Tally readAtFirst;
  private final SourceLedger ledger = new SourceLedger(Load.TELLERS);
  private final TopicsView topics;
  private final PostgresTrailView postgresTrail;
  private final DeltaTrailView deltaTrail;
  private final DeltaMirrorView deltaMirror;
  private final List<StoreView> stores;
  private int accounts;

  /**
   * @param readAtFirst the rows that were there before capture began
   */
  public Audit(Stack stack, Tally readAtFirst) {
    this.stack = stack;
    this.readAtFirst = Tally.copyOf(readAtFirst);
    this.topics = new TopicsView(stack.broker().directBootstrapServers(), new TopicNames("pgsrc"));
    this.postgresTrail = new PostgresTrailView(stack.sink());
    this.deltaTrail = new DeltaTrailView(stack.lake());
    this.deltaMirror = new DeltaMirrorView(stack.lake());
    this.stores = List.of(topics, postgresTrail, deltaTrail, deltaMirror);
  }

  /**
   * Takes a moment of the source, waits until every store holds it, and compares.
   *
   * @throws NotRecoveredException if they do not within {@code patience}
   */
  public Account take(Duration patience) throws NotRecoveredException, InterruptedException {
    long begin = System.nanoTime();
    Deadline deadline = Deadline.in(patience);
    Moment moment = moment(deadline);
    Cut cut = awaitCut(moment, deadline);
    Map<String, Duration> recoveries = awaitStores(cut, begin, deadline);
    return compare(moment, recoveries);
  }

  private Moment moment(Deadline deadline) throws NotRecoveredException, InterruptedException {
    Exception last = null;
    while (!deadline.passed()) {
      try {
        return Moment.now(stack.source(), ledger, deadline);
      } catch (Exception e) {
        last = e; // the source is on its way back
        Thread.sleep(POLL.toMillis());
      }
    }
    throw late("a moment of the source", "", last);
  }

  private Cut awaitCut(Moment moment, Deadline deadline)
      throws NotRecoveredException, InterruptedException {
    Exception last = null;
    while (!deadline.passed()) {
      try {
        Optional<Cut> cut = topics.cutBehind(moment.lsn());
        if (cut.isPresent()) {
          return cut.get();
        }
      } catch (RuntimeException e) {
        last = e; // the broker is on its way back
        Thread.sleep(POLL.toMillis());
      }
    }
    throw late("capture to pass " + Lsn.format(moment.lsn()), topics.progress(), last);
  }

  /** How long each took to hold the cut, in the order in which they did. */
  private Map<String, Duration> awaitStores(Cut cut, long begin, Deadline deadline)
      throws NotRecoveredException, InterruptedException {
    Map<String, Duration> recoveries = new LinkedHashMap<>();
    List<StoreView> behind = new ArrayList<>(stores);
    Exception last = null;
    while (!behind.isEmpty()) {
      for (StoreView store : List.copyOf(behind)) {
        try {
          if (store.holds(cut)) {
            recoveries.put(store.name(), Duration.ofNanos(System.nanoTime() - begin));
            behind.remove(store);
          }
        } catch (Exception e) {
          last = e; // on its way back
        }
      }
      if (!behind.isEmpty() && deadline.passed()) {
        StoreView store = behind.get(0);
        throw late(
            "the " + store.name() + " to hold " + Lsn.format(cut.lsn()), store.progress(), last);
      }
      Thread.sleep(POLL.toMillis());
    }
    return recoveries;
  }

  private NotRecoveredException late(String what, String progress, @Nullable Exception last) {
    return new NotRecoveredException(
        "waited in vain for "
            + what
            + (progress.isEmpty() ? "" : "; it is at " + progress)
            + (last == null ? "" : "; last error: " + last)
            + (stack.up().isAlive() ? "" : "; kappa up has ended:\n" + stack.up().lastWords()),
        last);
  }

  private Account compare(Moment moment, Map<String, Duration> recoveries) {
    Tally expected = Tally.copyOf(readAtFirst);
    expected.addAll(moment.made());
    List<Finding> findings = new ArrayList<>();
    try {
      findings.add(Finding.of(topics.name(), expected, topics.upTo(moment.lsn()), disorder()));
      Tally trail = postgresTrail.upTo(moment.lsn());
      boolean recount = accounts++ % RECOUNT_EVERY == 0 || !trail.equals(expected);
      findings.add(
          Finding.of(
              postgresTrail.name(),
              expected,
              recount ? postgresTrail.recount() : trail,
              postgresTrail.money().violations()));
      findings.add(
          Finding.of(
              deltaTrail.name(),
              expected,
              deltaTrail.upTo(moment.lsn()),
              deltaTrail.money().violations()));
    } catch (Exception e) {
      throw new IllegalStateException("A store cannot be read", e);
    }
    if (moment.money() != Bank.sum()) {
      findings.add(
          Finding.of(
              "source",
              expected,
              expected,
              List.of("the accounts hold " + moment.money() + " instead of " + Bank.sum())));
    }
    findings.removeIf(Finding::isNothing);
    return new Account(recoveries, expected.total(), findings);
  }

  private List<String> disorder() {
    return topics.disorder().stream()
        .limit(5)
        .map(place -> "a change that is not later than the one before it, " + place)
        .toList();
  }

  @Override
  public void close() {
    stores.forEach(StoreView::close);
  }
}
