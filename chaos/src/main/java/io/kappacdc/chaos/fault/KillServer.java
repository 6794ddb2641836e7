package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.Server;
import io.kappacdc.chaos.stack.Stack;
import java.time.Duration;
import java.util.Random;
import java.util.function.Function;

/** SIGKILL for all of a server's processes; it is started again after a while. */
record KillServer(String server, int weight, Function<Stack, Server> where) implements Fault {
  private static final Duration ABSENCE_MAX = Duration.ofSeconds(8);

  @Override
  public String name() {
    return "kill-" + server;
  }

  @Override
  public String inflict(Stack stack, Random random) throws InterruptedException {
    Duration absence = Times.upTo(ABSENCE_MAX, random);
    where.apply(stack).kill();
    Times.sleep(absence);
    where.apply(stack).startAgain();
    return "started again after " + Times.text(absence);
  }
}
