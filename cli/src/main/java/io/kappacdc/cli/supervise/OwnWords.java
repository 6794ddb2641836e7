package io.kappacdc.cli.supervise;

import io.kappacdc.runtime.KappaException;
import java.util.List;
import java.util.Optional;

/** Finds, in what a process printed, the error it ended with: problem, cause, remedy. */
public final class OwnWords {
  private static final String PROBLEM = "problem: ";
  private static final String CAUSE = "cause:   ";
  private static final String REMEDY = "remedy:  ";

  private OwnWords() {}

  /** The last error among the lines; its cause may have several lines. */
  public static Optional<KappaException> in(List<String> lines) {
    int problem = lastWith(PROBLEM, lines);
    int cause = lastWith(CAUSE, lines);
    int remedy = lastWith(REMEDY, lines);
    if (problem < 0 || cause < problem || remedy < cause) {
      return Optional.empty();
    }
    return Optional.of(
        new KappaException(
            lines.get(problem).substring(PROBLEM.length()),
            String.join("\n", lines.subList(cause, remedy)).substring(CAUSE.length()),
            lines.get(remedy).substring(REMEDY.length())));
  }

  private static int lastWith(String prefix, List<String> lines) {
    for (int i = lines.size() - 1; i >= 0; i--) {
      if (lines.get(i).startsWith(prefix)) {
        return i;
      }
    }
    return -1;
  }
}
