package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.agent.Order.Action;
import io.kappacdc.chaos.agent.Point;
import io.kappacdc.chaos.stack.Role;
import io.kappacdc.chaos.stack.Stack;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * A role dies, fails or stands still before or after the n-th time that it writes in some way.
 *
 * @param place before or after which call; empty for any
 */
record FailPoint(Role role, Action action, int weight, String place) implements Fault {
  /** How long to wait for the n-th time. */
  private static final Duration PATIENCE = Duration.ofSeconds(12);

  private static final Duration PAUSE_MAX = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(10);
  private static final int HITS_AT_ONE_PLACE_MAX = 5;

  @Override
  public String name() {
    return "fail-"
        + role.label()
        + "-"
        + action.name().toLowerCase(Locale.ROOT)
        + (place.isEmpty() ? "" : ":" + place);
  }

  /** The same at one place only. */
  FailPoint at(String onlyPlace) {
    return new FailPoint(role, action, weight, onlyPlace);
  }

  /** A place and how often it is passed before something happens there. */
  private record Target(String place, int hit) {}

  @Override
  public String inflict(Stack stack, Random random)
      throws IOException, InterruptedException, MissedException {
    Target target = target(random);
    Duration pause = action == Action.PAUSE ? Times.between1sAnd(PAUSE_MAX, random) : Duration.ZERO;
    String what = target.place() + " " + target.hit();
    long id = stack.orders().give(role, target.place(), target.hit(), action, pause);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!stack.orders().isDone(role, id)) {
      if (System.nanoTime() > deadline) {
        stack.orders().revoke(role);
        // It may have been carried out meanwhile.
        if (!stack.orders().isDone(role, id)) {
          throw new MissedException(what);
        }
      }
      Times.sleep(POLL);
    }
    Times.sleep(pause);
    return what + (pause.isZero() ? "" : " for " + Times.text(pause));
  }

  private Target target(Random random) {
    if (!place.isEmpty()) {
      return new Target(place, 1 + random.nextInt(HITS_AT_ONE_PLACE_MAX));
    }
    List<Point> points =
        (role == Role.CAPTURE ? Point.OF_CAPTURE : Point.OF_PROCESSOR)
            .stream().filter(point -> action != Action.THROW || point.canFail()).toList();
    Point point = points.get(random.nextInt(points.size()));
    return new Target(
        random.nextBoolean() ? point.before() : point.after(), 1 + random.nextInt(point.hitMax()));
  }
}
