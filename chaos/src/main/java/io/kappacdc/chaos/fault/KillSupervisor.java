package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.Signals;
import io.kappacdc.chaos.stack.Stack;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** SIGKILL for {@code kappa up}; it is started again, on what it left behind. */
record KillSupervisor(int weight) implements Fault {
  private static final Duration EXIT_MAX = Duration.ofSeconds(10);
  private static final Duration ABSENCE_MAX = Duration.ofSeconds(2);

  @Override
  public String name() {
    return "kill-supervisor";
  }

  @Override
  public String inflict(Stack stack, Random random) throws InterruptedException {
    Signals.kill(List.of(stack.up().pid().orElseThrow()));
    stack.up().exits(EXIT_MAX);
    Duration absence = Times.upTo(ABSENCE_MAX, random);
    Times.sleep(absence);
    stack.up().start();
    return "started again after " + Times.text(absence);
  }
}
