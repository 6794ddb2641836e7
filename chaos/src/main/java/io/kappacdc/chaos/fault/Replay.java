package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.Stack;
import java.time.Duration;
import java.util.Random;

/**
 * All that the topics hold goes through the live sinks once more: {@code kappa replay}. What it
 * came to is the account's to say, for which the load need not stand still.
 */
record Replay(int weight) implements Fault {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  @Override
  public String name() {
    return "replay";
  }

  @Override
  public String inflict(Stack stack, Random random) throws Exception {
    return stack.up().command(PATIENCE, "replay", "--from", "earliest", "--no-verify");
  }
}
