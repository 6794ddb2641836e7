package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.Role;
import io.kappacdc.chaos.stack.Signals;
import io.kappacdc.chaos.stack.Stack;
import java.util.List;
import java.util.Random;

/** SIGKILL for capture and processor at once. */
record KillBothRoles(int weight) implements Fault {
  @Override
  public String name() {
    return "kill-both-roles";
  }

  @Override
  public String inflict(Stack stack, Random random) throws InterruptedException {
    Signals.kill(List.of(Roles.pid(stack, Role.CAPTURE), Roles.pid(stack, Role.PROCESSOR)));
    return "";
  }
}
