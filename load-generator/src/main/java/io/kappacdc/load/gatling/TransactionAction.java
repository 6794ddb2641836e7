package io.kappacdc.load.gatling;

import com.typesafe.scalalogging.Logger;
import io.gatling.commons.stats.KO$;
import io.gatling.commons.stats.OK$;
import io.gatling.core.action.Action;
import io.gatling.core.session.Session;
import io.gatling.core.stats.StatsEngine;
import io.kappacdc.load.LoadEngine.Ended;
import io.kappacdc.load.LoadEngine.Outcome;
import org.jspecify.annotations.Nullable;
import scala.Option;

/**
 * A Gatling user's one transaction. Hands the arrival to the engine, which has threads for blocking
 * calls, and goes on when it has ended. Gatling gets the intended time as the start, so its
 * response times are from there, too.
 */
final class TransactionAction implements Action {
  private final GatlingLoad load;
  private final StatsEngine statistics;
  private final Action next;

  TransactionAction(GatlingLoad load, StatsEngine statistics, Action next) {
    this.load = load;
    this.statistics = statistics;
    this.next = next;
  }

  @Override
  public String name() {
    return "transaction";
  }

  @Override
  public void execute(Session session) {
    if (!load.arrive(ended -> end(session, ended))) {
      next.$bang(session);
    }
  }

  private void end(Session session, Ended ended) {
    boolean isCommitted = ended.outcome() == Outcome.COMMITTED;
    statistics.logResponse(
        session.scenario(),
        session.groups(),
        load.nameOf(ended.transaction()),
        ended.intendedMillis(),
        Math.max(ended.intendedMillis(), ended.endMillis()),
        isCommitted ? OK$.MODULE$ : KO$.MODULE$,
        Option.empty(),
        Option.apply(problem(ended)));
    next.$bang(isCommitted ? session : session.markAsFailed());
  }

  private static @Nullable String problem(Ended ended) {
    return switch (ended.outcome()) {
      case COMMITTED -> null;
      case FAILED -> ended.problem();
      case NOT_BEGUN -> "not begun before the end of the load";
    };
  }

  @Override
  public Logger logger() {
    return GatlingLoad.LOGGER;
  }

  /** Of the trait that Gatling's actions log by; the logger is a constant here. */
  @Override
  public void com$typesafe$scalalogging$StrictLogging$_setter_$logger_$eq(Logger logger) {}
}
