package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.Role;
import io.kappacdc.chaos.stack.Stack;
import java.time.Duration;
import java.util.Optional;

/** Finds the roles' processes. */
final class Roles {
  private static final Duration FIND_MAX = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(20);

  private Roles() {}

  /** The role's process; waits for it, as it may just be starting again. */
  static long pid(Stack stack, Role role) throws InterruptedException {
    long deadline = System.nanoTime() + FIND_MAX.toNanos();
    while (System.nanoTime() < deadline) {
      Optional<Long> pid = stack.up().pid(role);
      if (pid.isPresent()) {
        return pid.get();
      }
      Times.sleep(POLL);
    }
    throw new IllegalStateException(
        "There is no " + role.label() + " process:\n" + stack.up().lastWords());
  }
}
