package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.Role;
import io.kappacdc.chaos.stack.Signals;
import io.kappacdc.chaos.stack.Stack;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** SIGSTOP for capture or the processor, and SIGCONT after a while. */
record PauseRole(Role role, int weight) implements Fault {
  static final Duration LONGEST = Duration.ofSeconds(20);

  @Override
  public String name() {
    return "pause-" + role.label();
  }

  @Override
  public String inflict(Stack stack, Random random) throws InterruptedException {
    Duration time = Times.between1sAnd(LONGEST, random);
    List<Long> pids = List.of(Roles.pid(stack, role));
    Signals.pause(pids);
    try {
      Times.sleep(time);
    } finally {
      Signals.resume(pids);
    }
    return "for " + Times.text(time);
  }
}
