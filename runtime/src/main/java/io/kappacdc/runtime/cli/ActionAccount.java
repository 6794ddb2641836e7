package io.kappacdc.runtime.cli;

import io.kappacdc.runtime.KappaHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.temporal.ChronoUnit;

/**
 * What operators had done to a pipeline, a line for each step of it, in {@code logs/actions.log} of
 * the home. Several processes may write.
 */
public final class ActionAccount {
  /** Set for commands whose caller has an account of them. */
  public static final String KEPT_BY_CALLER = "KAPPA_ACTION_ACCOUNTED";

  private static final String FILE = "actions.log";

  private final KappaHome home;
  private final Clock clock;

  public ActionAccount(KappaHome home, Clock clock) {
    this.home = home;
    this.clock = clock;
  }

  /**
   * Adds a line: when, by whom, what, about what, with what outcome.
   *
   * @param about empty for everything
   * @return the line
   * @throws IOException if it cannot be written
   */
  public String add(String by, String action, String about, String outcome) throws IOException {
    String line =
        "%s by=%s action=%s about=%s outcome=%s"
            .formatted(
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                value(by),
                value(action),
                value(about.isEmpty() ? "all" : about),
                value(outcome));
    Path directory = Files.createDirectories(home.resolve("logs"));
    Files.writeString(
        directory.resolve(FILE), line + '\n', StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    return line;
  }

  /** In quotation marks unless it is plain, so that nothing in it passes for another value. */
  private static String value(String text) {
    if (text.matches("[\\w.:/*-]+")) {
      return text;
    }
    StringBuilder quoted = new StringBuilder("\"");
    text.chars()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
              } else if (Character.isISOControl(c)) {
                quoted.append("\\u%04x".formatted(c));
              } else {
                quoted.append((char) c);
              }
            });
    return quoted.append('"').toString();
  }
}
