package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.proxy.TcpProxy;
import io.kappacdc.chaos.stack.Server;
import io.kappacdc.chaos.stack.Stack;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.function.Function;

/** Something is wrong with the lines between the pipeline and a server. */
record DisturbLine(DisturbLine.How how, String server, int weight, Function<Stack, Server> where)
    implements Fault {
  private static final Duration REFUSAL_MAX = Duration.ofSeconds(10);
  private static final Duration STALL_MAX = Duration.ofSeconds(20);
  private static final Duration SLOWNESS_MAX = Duration.ofSeconds(8);
  private static final int DELAY_MAX_MILLIS = 400;

  /** What is wrong. */
  enum How {
    /** Every connection breaks, once. */
    CUT,
    /** Every connection breaks, and new ones do, for a while. */
    REFUSE,
    /** Nothing passes for a while, and nothing breaks. */
    STALL,
    /** Everything takes longer for a while. */
    SLOW
  }

  @Override
  public String name() {
    return how.name().toLowerCase(Locale.ROOT) + "-" + server;
  }

  @Override
  public String inflict(Stack stack, Random random) throws InterruptedException {
    TcpProxy proxy = where.apply(stack).proxy();
    int connections = proxy.openConnections();
    Duration time = Duration.ZERO;
    switch (how) {
      case CUT -> proxy.cut();
      case REFUSE -> {
        time = Times.between1sAnd(REFUSAL_MAX, random);
        proxy.refuse();
      }
      case STALL -> {
        time = Times.between1sAnd(STALL_MAX, random);
        proxy.stall();
      }
      case SLOW -> {
        time = Times.between1sAnd(SLOWNESS_MAX, random);
        proxy.delay(Duration.ofMillis(20L + random.nextInt(DELAY_MAX_MILLIS)));
      }
    }
    try {
      Times.sleep(time);
    } finally {
      proxy.heal();
    }
    return connections + " connections" + (time.isZero() ? "" : " for " + Times.text(time));
  }
}
