package io.kappacdc.cli.console;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What the console can start, a subcommand each. */
enum Action {
  VERIFY("verify", List.of("verify")),
  QUARANTINE_RETRY("quarantine-retry", List.of("quarantine", "retry")),
  SNAPSHOT("snapshot", List.of("snapshot"));

  private final String path;
  private final List<String> command;

  Action(String path, List<String> command) {
    this.path = path;
    this.command = command;
  }

  static Optional<Action> of(String path) {
    return Arrays.stream(values()).filter(action -> action.path.equals(path)).findFirst();
  }

  String path() {
    return path;
  }

  List<String> command() {
    return command;
  }
}
