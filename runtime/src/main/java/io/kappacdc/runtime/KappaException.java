package io.kappacdc.runtime;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An error for the person at the terminal: what went wrong, why, and what to do about it. */
public class KappaException extends RuntimeException {
  private final String problem;
  private final String reason;
  private final String remedy;

  /**
   * @param problem what could not be done, one sentence
   * @param reason why, as far as known, one sentence
   * @param remedy what to do, exact commands or SQL where there are any
   */
  public KappaException(String problem, String reason, String remedy) {
    this(problem, reason, remedy, null);
  }

  public KappaException(String problem, String reason, String remedy, @Nullable Throwable cause) {
    super(problem + " (" + reason + ")", cause);
    this.problem = Objects.requireNonNull(problem, "problem");
    this.reason = Objects.requireNonNull(reason, "reason");
    this.remedy = Objects.requireNonNull(remedy, "remedy");
  }

  public String problem() {
    return problem;
  }

  public String reason() {
    return reason;
  }

  public String remedy() {
    return remedy;
  }
}
