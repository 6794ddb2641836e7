package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.Server;
import io.kappacdc.chaos.stack.Stack;
import java.time.Duration;
import java.util.Random;
import java.util.function.Function;

/**
 * SIGKILL for all of a server's processes; it is started again after a while.
 *
 * @param shortest it may be away
 * @param longest it may be away
 */
record KillServer(
    String name, int weight, Duration shortest, Duration longest, Function<Stack, Server> where)
    implements Fault {
  private static final Duration SHORT = Duration.ofSeconds(8);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration MINUTES = Duration.ofMinutes(3);

  /** Back within seconds, mostly at once. */
  static KillServer briefly(String server, int weight, Function<Stack, Server> where) {
    return new KillServer("kill-" + server, weight, Duration.ZERO, SHORT, where);
  }

  /** Away for minutes, while the load goes on. */
  static KillServer forMinutes(String server, int weight, Function<Stack, Server> where) {
    return new KillServer("absent-" + server, weight, MINUTE, MINUTES, where);
  }

  @Override
  public String inflict(Stack stack, Random random) throws InterruptedException {
    Duration absence = shortest.plus(Times.upTo(longest.minus(shortest), random));
    where.apply(stack).kill();
    Times.sleep(absence);
    where.apply(stack).startAgain();
    return "started again after " + Times.text(absence);
  }
}
