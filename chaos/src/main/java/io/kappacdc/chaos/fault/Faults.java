package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.agent.Order.Action;
import io.kappacdc.chaos.fault.DisturbLine.How;
import io.kappacdc.chaos.stack.Role;
import io.kappacdc.chaos.stack.Stack;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All faults, in the order in which schedules know them. What is quickly over is frequent, so that
 * a run of an hour has hundreds of them.
 */
public final class Faults {
  /** One object, so that schedules of it can be compared. */
  private static final Fault DELETE_TOPIC = DeleteTopic.ofWeight(14);

  private Faults() {}

  /** All there are. */
  public static List<Fault> all() {
    List<Fault> faults = new ArrayList<>();
    faults.add(new KillRole(Role.CAPTURE, 40));
    faults.add(new KillRole(Role.PROCESSOR, 25));
    faults.add(new KillBothRoles(10));
    faults.add(new KillSupervisor(8));
    faults.add(KillServer.briefly("broker", 20, Stack::broker));
    faults.add(KillServer.briefly("source", 20, Stack::source));
    faults.add(KillServer.briefly("sink", 20, Stack::sink));
    faults.add(KillServer.forMinutes("sink", 3, Stack::sink));
    faults.add(KillServer.forMinutes("broker", 2, Stack::broker));
    faults.add(new KillBackend("source", 20, Stack::source));
    faults.add(new KillBackend("sink", 20, Stack::sink));
    faults.add(new TerminateSessions("source", 15, Stack::source));
    faults.add(new TerminateSessions("sink", 15, Stack::sink));
    pauses(faults);
    lines(faults);
    for (Action action : Action.values()) {
      faults.add(new FailPoint(Role.CAPTURE, action, action == Action.PAUSE ? 12 : 50, ""));
      faults.add(new FailPoint(Role.PROCESSOR, action, action == Action.THROW ? 60 : 20, ""));
    }
    faults.add(new FullDisk(20));
    faults.add(new ChangeSchema(15));
    faults.add(new Replay(3));
    faults.addAll(SourceLosses.all());
    faults.add(DELETE_TOPIC);
    return List.copyOf(faults);
  }

  /**
   * The fault of that name. One of a failpoint may have a place behind a colon: {@code
   * fail-capture-kill:capture-commit-before}.
   */
  public static Optional<Fault> named(String name) {
    int colon = name.indexOf(':');
    String general = colon < 0 ? name : name.substring(0, colon);
    return all().stream()
        .filter(fault -> fault.name().equals(general))
        .findFirst()
        .flatMap(fault -> colon < 0 ? Optional.of(fault) : at(fault, name.substring(colon + 1)));
  }

  private static Optional<Fault> at(Fault fault, String place) {
    return fault instanceof FailPoint point ? Optional.of(point.at(place)) : Optional.empty();
  }

  private static void pauses(List<Fault> faults) {
    faults.add(new PauseRole(Role.CAPTURE, 12));
    faults.add(new PauseRole(Role.PROCESSOR, 12));
    faults.add(new PauseServer("broker", 12, Stack::broker));
    faults.add(new PauseServer("source", 12, Stack::source));
    faults.add(new PauseServer("sink", 12, Stack::sink));
  }

  private static void lines(List<Fault> faults) {
    for (How how : How.values()) {
      int weight = how == How.CUT ? 20 : 10;
      faults.add(new DisturbLine(how, "source", weight, Stack::source));
      faults.add(new DisturbLine(how, "sink", weight, Stack::sink));
      faults.add(new DisturbLine(how, "broker", weight, Stack::broker));
    }
  }
}
