package io.kappacdc.chaos.check;

import io.kappacdc.chaos.check.LakeCuts.LakeCut;
import io.kappacdc.chaos.check.Restatements.Restatement;
import io.kappacdc.chaos.stack.Stack;
import io.kappacdc.chaos.workload.Bank;
import io.kappacdc.chaos.workload.Ledger;
import io.kappacdc.chaos.workload.Tally;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.wire.TopicNames;
import io.kappacdc.processor.verify.Deadline;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps account of every change, everywhere. One thread.
 *
 * <p>Expected is what the first snapshot read and what the source's ledger counts; behind a gap,
 * what was counted before it, the rows that were read behind it, and what was counted since.
 */
public final class Audit implements AutoCloseable {
  /** Every so many accounts the PostgreSQL trail is counted from its beginning. */
  private static final int RECOUNT_EVERY = 20;

  private static final int NOTES_MAX = 5;

  private static final Duration LOOK_EVERY = Duration.ofMillis(250);
  private static final Duration POLL = Duration.ofMillis(50);

  private final Stack stack;
  private final Tally readAtFirst;
  private final TopicsView topics;
  private final PostgresTrailView postgresTrail;
  private final DeltaTrailView deltaTrail;
  private final DeltaMirrorView deltaMirror;
  private final LakeCuts lakeCuts;
  private final Thread watch;
  private volatile boolean closed;
  private volatile @Nullable Exception lastLook;
  private long cuts;
  private final List<StoreView> stores;
  private Ledger seen = Ledger.empty();
  private int restated;
  private long restatedUpTo;
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
    this.lakeCuts = new LakeCuts(stack.lake());
    this.watch = new Thread(this::watch, "watch");
    watch.setDaemon(true);
    watch.start();
  }

  /** Takes the PostgreSQL trail at its word all the time, during faults above all. */
  private void watch() {
    while (!closed) {
      try {
        postgresTrail.look();
      } catch (SQLException | RuntimeException e) {
        // The sink is away, as it may be. What is wrong with the trail is found by the accounts.
        lastLook = e;
      }
      try {
        Thread.sleep(LOOK_EVERY.toMillis());
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /**
   * Takes a moment of the source, waits until every store holds it, and compares. A store that does
   * not hold it within {@code patience} is a finding beside what the others have: a loss may be why
   * it stopped.
   *
   * @throws NotRecoveredException if the topics do not hold it within {@code patience}
   */
  public Account take(Duration patience) throws NotRecoveredException, InterruptedException {
    long begin = System.nanoTime();
    Deadline deadline = Deadline.in(patience);
    for (String topic : stack.gaps().takeLostTopics()) {
      topics.beginAnew(topic);
      deltaTrail.beginAnew(topic);
      deltaMirror.beginAnew(topic);
    }
    if (stack.gaps().count() > restated) {
      awaitRestatement(deadline); // before it, a moment may be one that nobody has seen
    }
    Moment moment = moment(deadline);
    Cut cut = awaitCut(moment, deadline);
    return compare(moment, awaitStores(cut, begin, deadline));
  }

  /**
   * Reads what the stores have come to hold since the last look, as far as they can be read, so
   * that the next {@link #take} waits for the pipeline and not for this.
   */
  public void catchUp() {
    for (StoreView store : stores) {
      try {
        store.catchUp();
      } catch (Exception e) {
        lastLook = e; // away; the accounts wait for it
      }
    }
  }

  private Moment moment(Deadline deadline) throws NotRecoveredException, InterruptedException {
    Exception last = null;
    while (!deadline.passed()) {
      try {
        return Moment.now(stack.source(), deadline);
      } catch (Exception e) {
        last = e; // the source is on its way back
        Thread.sleep(POLL.toMillis());
      }
    }
    throw late("a moment of the source", "", last);
  }

  private void awaitRestatement(Deadline deadline)
      throws NotRecoveredException, InterruptedException {
    Exception last = null;
    while (!deadline.passed()) {
      try {
        if (topics.isRestatedBehind(restatedUpTo)) {
          return;
        }
      } catch (RuntimeException e) {
        last = e; // the broker is on its way back
        Thread.sleep(POLL.toMillis());
      }
    }
    throw late("all tables to be read anew", topics.progress(), last);
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

  /**
   * @param recoveries how long each store took to hold the cut, in the order in which they did
   * @param late those that did not, and where they are
   */
  private record Arrivals(
      Map<String, Duration> recoveries, Map<String, NotRecoveredException> late) {}

  private Arrivals awaitStores(Cut cut, long begin, Deadline deadline)
      throws NotRecoveredException, InterruptedException {
    Map<String, Duration> recoveries = new LinkedHashMap<>();
    List<StoreView> behind = new ArrayList<>(stores);
    Map<StoreView, Exception> errors = new HashMap<>();
    while (!behind.isEmpty()) {
      boolean isLastRound = deadline.passed(); // begun behind it: a look may take long
      for (StoreView store : List.copyOf(behind)) {
        try {
          if (store.holds(cut)) {
            recoveries.put(store.name(), Duration.ofNanos(System.nanoTime() - begin));
            behind.remove(store);
          }
        } catch (Exception e) {
          errors.put(store, e); // on its way back
        }
      }
      if (isLastRound) {
        break;
      }
      Thread.sleep(POLL.toMillis());
    }
    Map<String, NotRecoveredException> late = new LinkedHashMap<>();
    for (StoreView store : behind) {
      String what = "the " + store.name() + " to hold " + Lsn.format(cut.lsn());
      late.put(store.name(), late(what, store.progress(), errors.get(store)));
    }
    if (behind.contains(topics)) { // they say what is expected of the others
      throw late.get(topics.name());
    }
    return new Arrivals(recoveries, late);
  }

  private NotRecoveredException late(String what, String progress, @Nullable Exception last) {
    return new NotRecoveredException(
        "waited in vain for "
            + what
            + (progress.isEmpty() ? "" : "; it is at " + progress)
            + (last == null ? "" : "; last error: " + last)
            + (lastLook == null ? "" : "; last look that failed: " + lastLook)
            + (stack.up().isAlive() ? "" : "; kappa up has ended:\n" + stack.up().lastWords()),
        last);
  }

  private Account compare(Moment moment, Arrivals arrivals) throws NotRecoveredException {
    Set<String> arrived = arrivals.recoveries().keySet();
    List<Restatement> restatements = topics.restatements(moment.lsn());
    Tally expected = expected(moment, restatements);
    long unseen = restatements.stream().skip(restated).mapToLong(Restatement::unseen).sum();
    List<Finding> findings = new ArrayList<>();
    findings.add(Finding.of("gaps", expected, expected, gapsThatAreWrong(restatements)));
    try {
      List<String> atCuts = checkLakeCuts();
      findings.add(Finding.of(topics.name(), expected, topics.upTo(moment.lsn()), disorder()));
      if (arrived.contains(postgresTrail.name())) {
        findings.add(postgresTrail(moment, expected));
      }
      if (arrived.contains(deltaTrail.name())) {
        findings.add(
            Finding.of(
                deltaTrail.name(),
                expected,
                deltaTrail.upTo(moment.lsn()),
                deltaTrail.money().violations()));
      }
      findings.add(Finding.of("lake", expected, expected, atCuts));
    } catch (Exception e) {
      if (arrivals.late().isEmpty()) {
        throw new IllegalStateException("A store cannot be read", e);
      }
      NotRecoveredException late = arrivals.late().values().iterator().next();
      late.addSuppressed(e);
      throw late;
    }
    arrivals
        .late()
        .forEach(
            (store, late) ->
                findings.add(Finding.of(store, expected, expected, List.of(late.getMessage()))));
    if (moment.money() != Bank.sum()) {
      findings.add(
          Finding.of(
              "source",
              expected,
              expected,
              List.of("the accounts hold " + moment.money() + " instead of " + Bank.sum())));
    }
    findings.removeIf(Finding::isNothing);
    seen = moment.ledger();
    return new Account(arrivals.recoveries(), expected.total(), unseen, findings);
  }

  private Tally expected(Moment moment, List<Restatement> restatements) {
    Tally expected = Tally.copyOf(readAtFirst);
    expected.addAll(moment.ledger().changes());
    restatements.forEach(restatement -> expected.addAll(restatement.balance()));
    expected.addAll(topics.readBeside(moment.lsn(), restatements));
    return expected;
  }

  /**
   * Changes may be missing only where a fault has taken them, and none of those that were in the
   * topics before it.
   */
  private List<String> gapsThatAreWrong(List<Restatement> restatements) {
    List<String> wrong = new ArrayList<>();
    if (restatements.size() != stack.gaps().count()) {
      wrong.add(
          "all tables were read anew %d times, for %d gaps"
              .formatted(restatements.size(), stack.gaps().count()));
    }
    for (Restatement restatement : restatements.subList(restated, restatements.size())) {
      Tally forgotten = seen.changes().minus(restatement.before().changes()).positive();
      if (!forgotten.isEmpty()) {
        wrong.add("changes from before the fault are missing: " + forgotten);
      }
    }
    restated = restatements.size();
    restatedUpTo = restatements.stream().mapToLong(Restatement::lsn).max().orElse(0);
    return wrong;
  }

  private Finding postgresTrail(Moment moment, Tally expected) throws SQLException {
    Tally found = postgresTrail.upTo(moment.lsn());
    List<String> notes = new ArrayList<>(postgresTrail.contradictions());
    boolean isRight = found.equals(expected);
    if (accounts++ % RECOUNT_EVERY == 0 || !isRight) {
      Tally again = postgresTrail.recount(moment.lsn());
      if (!again.equals(found)) {
        notes.add(
            "has other rows now than when it said it was complete: more "
                + again.minus(found).positive()
                + ", fewer "
                + found.minus(again).positive());
        found = again;
      }
    }
    return Finding.of(postgresTrail.name(), expected, found, notes);
  }

  /** Looks at what the lake's sinks had at the moments that they recorded since the last time. */
  private List<String> checkLakeCuts() throws IOException {
    List<LakeCut> recorded = lakeCuts.next();
    deltaTrail.catchUp();
    deltaMirror.catchUp();
    List<String> wrong = new ArrayList<>();
    for (LakeCut cut : recorded) {
      switch (cut.sink()) {
        case DeltaTrailView.SINK -> {
          deltaTrail.check(cut).ifPresent(note -> wrong.add("trail: " + note));
          deltaTrail.forgetBefore(cut);
        }
        case DeltaMirrorView.SINK ->
            deltaMirror.check(cut).ifPresent(note -> wrong.add("mirror: " + note));
        default -> wrong.add("a cut of an unknown sink " + cut.sink());
      }
      cuts++;
    }
    return wrong.stream().limit(NOTES_MAX).toList();
  }

  /** How many moments, at which a store said it was complete, were looked at. */
  public long cuts() {
    return cuts + postgresTrail.cuts();
  }

  private List<String> disorder() {
    return topics.disorder().stream()
        .limit(NOTES_MAX)
        .map(place -> "a change that is not later than the one before it, " + place)
        .toList();
  }

  @Override
  public void close() {
    closed = true;
    watch.interrupt();
    stores.forEach(StoreView::close);
  }
}
