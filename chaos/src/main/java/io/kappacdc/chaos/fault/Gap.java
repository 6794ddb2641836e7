package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.Stack;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Changes are gone for good: of the source before capture has read them, or of the topics. Half of
 * the times the pipeline is set up to stop at that: it must end with problem, cause and remedy, and
 * go on once the remedy is applied. The other half it must read all tables anew by itself.
 *
 * @param problems one of which a refusal must name
 * @param cure what the pipeline has to be set to beside {@code capture.on-gap}, by name of the
 *     environment's variable
 */
record Gap(
    String name,
    int weight,
    boolean needsStandstill,
    List<String> problems,
    Map<String, String> cure,
    Harm harm)
    implements Fault {
  private static final Duration EXIT_MAX = Duration.ofMinutes(5);
  private static final int FAILED = 1;

  /** What is done. */
  @FunctionalInterface
  interface Harm {
    /** Does it, and says what exactly it was; empty if the fault's name says it all. */
    String inflict(Stack stack, Random random) throws Exception;
  }

  Gap {
    problems = List.copyOf(problems);
    cure = Map.copyOf(cure);
  }

  /** Changes that capture has not read yet are gone from the source. */
  static Gap ofSource(String name, int weight, List<String> problems, Harm harm) {
    return new Gap(name, weight, false, problems, Map.of(), harm);
  }

  @Override
  public String inflict(Stack stack, Random random) throws Exception {
    boolean isCautious = random.nextBoolean();
    if (isCautious || !cure.isEmpty()) {
      stack.up().close();
      if (isCautious) {
        stack.up().startCautiously();
      } else {
        stack.up().start(cure);
      }
      stack.up().awaitReady();
    }
    String done = harm.inflict(stack, random);
    stack.gaps().opened();
    if (isCautious) {
      String problem = refusal(stack);
      stack.gaps().refused();
      stack.up().start(cure);
      return join(done, "refused: " + problem);
    }
    return join(done, "read anew");
  }

  private static String join(String done, String then) {
    return done.isEmpty() ? then : done + ", " + then;
  }

  /** The problem that it ended with. */
  private String refusal(Stack stack) throws InterruptedException {
    if (!stack.up().exits(EXIT_MAX)) {
      throw new IllegalStateException("The pipeline did not end:\n" + stack.up().lastWords());
    }
    List<String> lines = stack.up().lines();
    int exitCode = stack.up().exitCode().orElseThrow();
    String problem = said("problem:", lines);
    boolean isKnown = problems.stream().anyMatch(problem::contains);
    if (exitCode != FAILED
        || !isKnown
        || said("cause:", lines).isEmpty()
        || !said("remedy:", lines).contains("capture.on-gap: resnapshot")) {
      throw new IllegalStateException(
          "The pipeline ended with code " + exitCode + " and said:\n" + stack.up().lastWords());
    }
    return problem;
  }

  private static String said(String what, List<String> lines) {
    return lines.stream()
        .filter(line -> line.contains(what))
        .reduce((first, last) -> last)
        .map(line -> line.substring(line.indexOf(what) + what.length()).strip())
        .orElse("");
  }
}
