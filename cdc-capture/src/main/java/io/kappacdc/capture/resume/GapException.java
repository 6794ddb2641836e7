package io.kappacdc.capture.resume;

import io.kappacdc.runtime.KappaException;
import org.jspecify.annotations.Nullable;

/**
 * What is published and what the source or Kafka still have do not meet: to go on would leave a gap
 * that nobody sees. A new snapshot closes it, which {@code capture.on-gap} may order.
 */
public final class GapException extends KappaException {
  private static final String RESNAPSHOT =
      "start capture once with --resnapshot to read all tables anew (capture.on-gap: resnapshot does"
          + " so by itself)";

  private GapException(String problem, String reason, String remedy, @Nullable Throwable cause) {
    super(problem, reason, remedy, cause);
  }

  /**
   * A gap.
   *
   * @param first what to do before the new snapshot, as in "Find out why"
   */
  public static GapException of(String problem, String reason, String first) {
    return new GapException(problem, reason, first + ", then " + RESNAPSHOT + ".", null);
  }
}
