package io.kappacdc.chaos.agent;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Future;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.AsmVisitorWrapper;
import org.jspecify.annotations.Nullable;

/**
 * A mechanism that is broken on purpose, to show that the harness notices. Each says in which role,
 * and which faults show it soonest.
 */
public enum Mutation {
  /** Capture commits the source's offset on its own before the events that it stands for. */
  OFFSET_EARLY("capture", List.of("fail-capture-kill:offset-apart")),
  /** Capture commits the source's offset on its own after the events. */
  OFFSET_LATE("capture", List.of("fail-capture-kill:offset-apart")),
  /**
   * Capture does not wait for the last records of a transaction before it commits, and Kafka's
   * client is slow to look whether there are any.
   */
  COMMIT_UNFLUSHED("capture", List.of("kill-capture")),
  /** The Delta trail does not find the positions that it has committed with its rows. */
  LEDGER_DROPPED("processor", List.of("kill-processor")),
  /** In the lake every change is taken for a new one, whatever position the table is at. */
  GUARD_SKIPPED("processor", List.of("schema-change"));

  private static final String KAFKA = "org.apache.kafka.clients.producer.KafkaProducer";

  private final String role;
  private final List<String> faults;

  Mutation(String role, List<String> faults) {
    this.role = role;
    this.faults = List.copyOf(faults);
  }

  /** As on the command line: {@code offset-early}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The role whose program is changed. */
  public String role() {
    return role;
  }

  /** The faults that show it. */
  public List<String> faults() {
    return faults;
  }

  /**
   * The mutation of that label.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Mutation labelled(String label) {
    return Arrays.stream(values())
        .filter(mutation -> mutation.label().equals(label))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no mutation '" + label + "'"));
  }

  AgentBuilder applyTo(AgentBuilder agent) {
    return switch (this) {
      case OFFSET_EARLY ->
          change(
              agent, KAFKA, Advice.to(OffsetEarly.class).on(named("send").and(takesArguments(2))));
      case OFFSET_LATE ->
          change(
              change(
                  agent,
                  KAFKA,
                  Advice.to(OffsetHeld.class).on(named("send").and(takesArguments(2)))),
              KAFKA,
              Advice.to(OffsetLate.class).on(named("commitTransaction")));
      case COMMIT_UNFLUSHED ->
          change(
              change(
                  change(
                      agent,
                      KAFKA,
                      Advice.to(NoteLastSend.class).on(named("send").and(takesArguments(2)))),
                  KAFKA,
                  Advice.to(NoLastFlush.class).on(named("flush"))),
              "org.apache.kafka.clients.producer.internals.RecordAccumulator",
              Advice.to(SlowLook.class).on(named("hasIncomplete")));
      case LEDGER_DROPPED ->
          change(
              agent,
              "io.kappacdc.processor.lake.TrailPositions",
              Advice.to(NothingFound.class).on(named("read")));
      case GUARD_SKIPPED ->
          change(
              agent,
              "io.kappacdc.processor.lake.SliceReader",
              Advice.to(AlwaysTrue.class).on(named("isNew")));
    };
  }

  private static AgentBuilder change(AgentBuilder agent, String type, AsmVisitorWrapper change) {
    return agent
        .type(named(type))
        .transform((builder, description, loader, module, domain) -> builder.visit(change));
  }

  /** Sends the offset at once, outside the transaction of its events. */
  static final class OffsetEarly {
    private OffsetEarly() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static @Nullable Object before(
        @Advice.This Object producer, @Advice.Argument(0) Object record) {
      return OffsetApart.isOffset(producer, record)
          ? OffsetApart.sendEarly(producer, record)
          : null;
    }

    @Advice.OnMethodExit
    static void after(
        @Advice.Enter @Nullable Object sent,
        @Advice.Return(readOnly = false) @Nullable Future<?> result) {
      if (sent != null) {
        result = (Future<?>) sent;
      }
    }
  }

  /** Keeps the offset back when it is sent within the transaction. */
  static final class OffsetHeld {
    private OffsetHeld() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean before(@Advice.This Object producer, @Advice.Argument(0) Object record) {
      return OffsetApart.isOffset(producer, record) && OffsetApart.hold(record);
    }
  }

  /** Sends what was kept back once the transaction is committed. */
  static final class OffsetLate {
    private OffsetLate() {}

    @Advice.OnMethodExit
    static void after(@Advice.This Object producer) {
      OffsetApart.sendHeld(producer);
    }
  }

  /** Notes what is sent. */
  static final class NoteLastSend {
    private NoteLastSend() {}

    @Advice.OnMethodEnter
    static void before(@Advice.Argument(0) Object record) {
      UnflushedCommit.sent(record);
    }
  }

  /** Leaves out the flush behind the offset. */
  static final class NoLastFlush {
    private NoLastFlush() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean before() {
      return UnflushedCommit.isOffsetLast();
    }
  }

  /** Takes its time after a look that found nothing. */
  static final class SlowLook {
    private SlowLook() {}

    @Advice.OnMethodExit
    static void after(@Advice.Return boolean found) {
      UnflushedCommit.linger(found);
    }
  }

  /** As if nothing had ever been noted. */
  @SuppressWarnings("UnusedVariable") // what is assigned becomes the result
  static final class NothingFound {
    private NothingFound() {}

    @Advice.OnMethodExit
    static void after(@Advice.Return(readOnly = false) Map<?, ?> found) {
      found = new HashMap<>();
    }
  }

  /** As if a condition always held. */
  @SuppressWarnings("UnusedVariable") // what is assigned becomes the result
  static final class AlwaysTrue {
    private AlwaysTrue() {}

    @Advice.OnMethodExit
    static void after(@Advice.Return(readOnly = false) boolean answer) {
      answer = true;
    }
  }
}
