package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.Role;
import io.kappacdc.chaos.stack.Stack;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;

/** The disk of the lake, and of the processor's indexes, is full for a while. */
record FullDisk(int weight) implements Fault {
  private static final Duration LONGEST = Duration.ofSeconds(8);

  @Override
  public String name() {
    return "full-disk";
  }

  @Override
  public String inflict(Stack stack, Random random) throws IOException, InterruptedException {
    Duration time = Times.between1sAnd(LONGEST, random);
    stack.orders().fillDisk(Role.PROCESSOR);
    try {
      Times.sleep(time);
    } finally {
      stack.orders().emptyDisk(Role.PROCESSOR);
    }
    return "for " + Times.text(time);
  }
}
