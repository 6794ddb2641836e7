package io.kappacdc.chaos;

import io.kappacdc.chaos.Schedule.Planned;
import io.kappacdc.chaos.check.Account;
import io.kappacdc.chaos.check.Audit;
import io.kappacdc.chaos.check.Finding;
import io.kappacdc.chaos.check.NotRecoveredException;
import io.kappacdc.chaos.fault.MissedException;
import io.kappacdc.chaos.report.MarkdownReport;
import io.kappacdc.chaos.report.Outcome;
import io.kappacdc.chaos.report.Outcome.Verdict;
import io.kappacdc.chaos.report.RunReport;
import io.kappacdc.chaos.stack.Stack;
import io.kappacdc.chaos.workload.Bank;
import io.kappacdc.chaos.workload.Load;
import io.kappacdc.chaos.workload.Tally;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One run: the stack, the load on it, and one fault after the other, each with an account after it.
 * Ends at the first fault that was not survived.
 */
final class Run implements AutoCloseable {
  private final RunOptions options;
  private final RunReport.Head head;
  private final Consumer<String> progress;
  private final Consumer<RunReport> reports;
  private final Stack stack;
  private final List<Outcome> outcomes = new ArrayList<>();
  private long changes;
  private int verified;
  private @Nullable Load load;
  private @Nullable Audit audit;
  private @Nullable Verification verification;

  /**
   * @param progress gets a line for each fault
   * @param reports gets the report so far, after each fault
   */
  Run(
      RunOptions options,
      RunReport.Head head,
      Consumer<String> progress,
      Consumer<RunReport> reports) {
    this.options = options;
    this.head = head;
    this.progress = progress;
    this.reports = reports;
    this.stack = Stack.start(StackSettings.of(options));
  }

  /** Runs to the end, or to the first failure. */
  RunReport run() throws InterruptedException {
    String failure = null;
    try {
      begin();
      for (Planned planned : Schedule.of(options.seed(), options.faults(), options.count())) {
        Outcome outcome = happen(planned);
        outcomes.add(outcome);
        progress.accept(line(outcome));
        reports.accept(report(null));
        if (outcome.verdict() == Verdict.FAILED) {
          break;
        }
      }
    } catch (NotRecoveredException | SQLException | RuntimeException e) {
      failure = e.toString();
    }
    return report(failure);
  }

  private void begin() throws SQLException, InterruptedException, NotRecoveredException {
    Tally first;
    try (Connection source = stack.source().connect()) {
      first = Bank.create(source);
    }
    stack.up().start();
    stack.up().awaitReady();
    load = Load.start(() -> stack.source().connect(), options.rate(), options.seed());
    audit = new Audit(stack, first);
    verification = new Verification(stack);
    Account account = audit.take(options.patience());
    if (!account.isRight()) {
      throw new IllegalStateException("Wrong before any fault: " + account.findings());
    }
    progress.accept(
        "ready: %d changes in every store, none lost, none twice".formatted(account.changes()));
  }

  private Outcome happen(Planned planned) throws InterruptedException {
    Thread.sleep(planned.lullMillis());
    audit.catchUp();
    String done = "";
    int gaps = stack.gaps().count();
    int refusals = stack.gaps().refusals();
    int announced = stack.up().gapsAnnounced();
    try {
      done = inflict(planned);
      boolean isGap = stack.gaps().count() > gaps;
      Account account =
          isGap ? load.withoutTruncates(() -> afterGap(announced)) : audit.take(options.patience());
      changes = account.changes();
      List<String> findings =
          new ArrayList<>(account.findings().stream().map(Finding::toString).toList());
      if (findings.isEmpty()
          && (planned.fault().changesRowsSilently() || isVerificationDue(planned.number()))) {
        findings.addAll(load.atRest(this::verified));
      }
      if (load.failure() != null) {
        findings.add("the load failed: " + load.failure());
      }
      return new Outcome(
          planned.number(),
          planned.fault().name(),
          isGap ? done + unseen(account) : done,
          verdict(findings, stack.gaps().refusals() > refusals),
          account.recoveries(),
          account.lost(),
          account.duplicated(),
          findings);
    } catch (InterruptedException e) {
      throw e;
    } catch (MissedException e) {
      return missed(planned, e);
    } catch (Exception e) {
      return failed(planned, done, e);
    }
  }

  /**
   * The pipeline verifies by itself after a gap that it healed, and must find all rows the same. It
   * does so in a fraction of the time while there is no load.
   */
  private Account afterGap(int announced) throws Exception {
    Account account = audit.take(options.patience());
    if (account.isRight()) {
      load.atRest(
          () -> {
            stack.up().awaitVerified(announced, options.patience());
            return null;
          });
      verified++;
    }
    return account;
  }

  /** What differs in the end: rows that are read anew take their time. */
  private List<String> verified() {
    long deadline = System.nanoTime() + options.patience().toNanos();
    List<String> found = verification.run();
    while (!found.isEmpty() && System.nanoTime() - deadline < 0) {
      found = verification.run();
    }
    return found;
  }

  private String inflict(Planned planned) throws Exception {
    Random random = new Random(planned.seed());
    if (!planned.fault().needsStandstill()) {
      return planned.fault().inflict(stack, random);
    }
    return load.atRest(
        () -> {
          Account before = audit.take(options.patience());
          if (!before.isRight()) {
            throw new IllegalStateException("Wrong before the fault: " + before.findings());
          }
          return planned.fault().inflict(stack, random);
        });
  }

  private static String unseen(Account account) {
    return account.unseen() < 0
        ? ", the source forgot " + -account.unseen() + " changes"
        : ", " + account.unseen() + " changes in rows only";
  }

  private static Verdict verdict(List<String> findings, boolean wasRefused) {
    if (!findings.isEmpty()) {
      return Verdict.FAILED;
    }
    return wasRefused ? Verdict.REFUSED : Verdict.SURVIVED;
  }

  private static Outcome missed(Planned planned, MissedException e) {
    return new Outcome(
        planned.number(),
        planned.fault().name(),
        String.valueOf(e.getMessage()),
        Verdict.MISSED,
        Map.of(),
        0,
        0,
        List.of());
  }

  private static Outcome failed(Planned planned, String done, Exception e) {
    return new Outcome(
        planned.number(),
        planned.fault().name(),
        done,
        Verdict.FAILED,
        Map.of(),
        0,
        0,
        List.of(e instanceof NotRecoveredException ? e.getMessage() : e.toString()));
  }

  private boolean isVerificationDue(int number) {
    return number % options.verifyEvery() == 0 || number == options.count();
  }

  private String line(Outcome outcome) {
    String result =
        switch (outcome.verdict()) {
          case MISSED -> "did not come about";
          case FAILED -> "FAILED";
          case SURVIVED, REFUSED ->
              (outcome.verdict() == Verdict.REFUSED ? "refused clearly, " : "")
                  + "back after "
                  + MarkdownReport.seconds(outcome.recovery());
        };
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%4d  %-26s %-18s lost %d duplicated %d  of %,d  %s",
                outcome.number(),
                outcome.fault(),
                result,
                outcome.lost(),
                outcome.duplicated(),
                changes,
                outcome.done()));
    if (!outcome.recoveries().isEmpty()) {
      text.append(recoveries(outcome));
    }
    outcome.findings().forEach(finding -> text.append("\n      ").append(finding));
    return text.toString();
  }

  private static String recoveries(Outcome outcome) {
    return outcome.recoveries().entrySet().stream()
        .map(entry -> entry.getKey() + " " + MarkdownReport.seconds(entry.getValue()))
        .collect(Collectors.joining(", ", "  (", ")"));
  }

  private RunReport report(@Nullable String failure) {
    return new RunReport(
        head,
        outcomes,
        load == null ? 0 : load.committed(),
        changes,
        audit == null ? 0 : audit.cuts(),
        verified + (verification == null ? 0 : verification.count()),
        failure);
  }

  @Override
  public void close() {
    if (load != null) {
      load.close();
    }
    if (audit != null) {
      audit.close();
    }
    if (verification != null) {
      verification.close();
    }
    stack.close();
  }

  /** Ends everything that runs, from whatever thread. */
  void abandon() {
    stack.close();
  }
}
