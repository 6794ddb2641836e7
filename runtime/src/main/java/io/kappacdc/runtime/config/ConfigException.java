package io.kappacdc.runtime.config;

import io.kappacdc.runtime.KappaException;
import java.util.List;

/** The configuration cannot be used; {@link #problems()} has every reason at once. */
public final class ConfigException extends KappaException {
  private final List<String> problems;

  ConfigException(List<String> problems) {
    this(
        "The configuration",
        problems,
        "Correct it; `./kappa config` prints every key with its default.");
  }

  /** Problems of another file than the configuration: {@code what} has them. */
  ConfigException(String what, List<String> problems, String remedy) {
    super(
        what + " has " + problems.size() + (problems.size() == 1 ? " error" : " errors"),
        String.join("\n  ", problems),
        remedy);
    this.problems = List.copyOf(problems);
  }

  /** One line a problem: path, what is wrong, what was meant. */
  public List<String> problems() {
    return problems;
  }
}
