package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.Role;
import io.kappacdc.chaos.stack.Server;
import io.kappacdc.chaos.stack.Signals;
import io.kappacdc.chaos.stack.Stack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/** All faults, in the order in which schedules know them. */
public final class Faults {
  private static final Duration PAUSE_MIN = Duration.ofSeconds(1);
  private static final Duration FIND_MAX = Duration.ofSeconds(30);

  private Faults() {}

  /** All there are. */
  public static List<Fault> all() {
    List<Fault> faults = new ArrayList<>();
    faults.add(new KillRole(Role.CAPTURE, 10));
    faults.add(new KillRole(Role.PROCESSOR, 8));
    faults.add(new KillServer("broker", 4, Stack::broker));
    faults.add(new KillServer("source", 6, Stack::source));
    faults.add(new KillServer("sink", 6, Stack::sink));
    return List.copyOf(faults);
  }

  /** The harness's own pause within a fault. */
  static void sleep(Duration time) throws InterruptedException {
    Thread.sleep(time.toMillis());
  }

  /** A duration from one second to {@code max}, short ones more often. */
  static Duration pause(Random random, Duration max) {
    double share = random.nextDouble();
    return PAUSE_MIN.plusMillis((long) (share * share * share * max.minus(PAUSE_MIN).toMillis()));
  }

  /** The role's process, which may just be starting again. */
  static long pid(Stack stack, Role role) throws InterruptedException {
    long deadline = System.nanoTime() + FIND_MAX.toNanos();
    while (System.nanoTime() < deadline) {
      var pid = stack.up().pid(role);
      if (pid.isPresent()) {
        return pid.get();
      }
      Thread.sleep(20);
    }
    throw new IllegalStateException(
        "There is no " + role.label() + " process:\n" + stack.up().lastWords());
  }

  /** SIGKILL for capture or the processor; the supervisor starts it again. */
  record KillRole(Role role, int weight) implements Fault {
    @Override
    public String name() {
      return "kill-" + role.label();
    }

    @Override
    public String inflict(Stack stack, Random random) throws InterruptedException {
      Signals.kill(List.of(pid(stack, role)));
      return "";
    }
  }

  /** SIGKILL for all of a server's processes; it is started again after a while. */
  record KillServer(String server, int weight, Function<Stack, Server> where) implements Fault {
    private static final Duration ABSENCE_MAX = Duration.ofSeconds(5);

    @Override
    public String name() {
      return "kill-" + server;
    }

    @Override
    public String inflict(Stack stack, Random random) throws InterruptedException {
      Duration absence = pause(random, ABSENCE_MAX).minus(PAUSE_MIN);
      where.apply(stack).kill();
      sleep(absence);
      where.apply(stack).startAgain();
      return "away for " + absence.toMillis() + " ms and a start";
    }
  }
}
