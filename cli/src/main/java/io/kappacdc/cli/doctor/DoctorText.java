package io.kappacdc.cli.doctor;

import io.kappacdc.cli.doctor.Finding.Grade;
import java.util.ArrayList;
import java.util.List;

/** Findings as lines for people. */
public final class DoctorText {
  private DoctorText() {}

  /**
   * The lines.
   *
   * @param all with what is in order, too
   */
  public static List<String> lines(List<Finding> findings, boolean all) {
    List<String> lines = new ArrayList<>();
    for (Finding finding : findings) {
      if (all || finding.grade() != Grade.OK) {
        lines.add(
            "%-8s %-22s %s".formatted(word(finding.grade()), finding.check(), finding.found()));
        if (!finding.remedy().isEmpty()) {
          lines.add(" ".repeat(32) + finding.remedy());
        }
      }
    }
    lines.add(
        "problems: %d, advice: %d, unknown: %d, in order: %d"
            .formatted(
                count(findings, Grade.PROBLEM),
                count(findings, Grade.ADVICE),
                count(findings, Grade.UNKNOWN),
                count(findings, Grade.OK)));
    return lines;
  }

  private static String word(Grade grade) {
    return switch (grade) {
      case OK -> "ok";
      case ADVICE -> "advice";
      case PROBLEM -> "PROBLEM";
      case UNKNOWN -> "unknown";
    };
  }

  private static long count(List<Finding> findings, Grade grade) {
    return findings.stream().filter(finding -> finding.grade() == grade).count();
  }
}
