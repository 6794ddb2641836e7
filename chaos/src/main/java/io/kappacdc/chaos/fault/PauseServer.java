package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.Server;
import io.kappacdc.chaos.stack.Signals;
import io.kappacdc.chaos.stack.Stack;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/** SIGSTOP for all of a server's processes, and SIGCONT after a while. */
record PauseServer(String server, int weight, Function<Stack, Server> where) implements Fault {
  @Override
  public String name() {
    return "pause-" + server;
  }

  @Override
  public String inflict(Stack stack, Random random) throws InterruptedException {
    Duration time = Times.between1sAnd(PauseRole.LONGEST, random);
    List<Long> pids = where.apply(stack).pids(); // the parent first: it makes no more of them
    Signals.pause(pids);
    try {
      Times.sleep(time);
    } finally {
      Signals.resume(pids);
    }
    return "for " + Times.text(time);
  }
}
