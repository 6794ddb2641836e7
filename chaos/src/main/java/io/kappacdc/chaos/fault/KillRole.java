package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.Role;
import io.kappacdc.chaos.stack.Signals;
import io.kappacdc.chaos.stack.Stack;
import java.util.List;
import java.util.Random;

/** SIGKILL for capture or the processor; the supervisor starts it again. */
record KillRole(Role role, int weight) implements Fault {
  @Override
  public String name() {
    return "kill-" + role.label();
  }

  @Override
  public String inflict(Stack stack, Random random) throws InterruptedException {
    Signals.kill(List.of(Roles.pid(stack, role)));
    return "";
  }
}
