package io.kappacdc.chaos.check;

import java.time.Duration;
import java.util.List;

/**
 * The account after a fault.
 *
 * @param recovery until every store held a moment of the source after the fault
 * @param changes that the source had made by then, since the beginning
 * @param findings what is wrong; empty if nothing is
 */
public record Account(Duration recovery, long changes, List<Finding> findings) {
  public Account {
    findings = List.copyOf(findings);
  }

  /** Changes lost, of the place that lost most. */
  public long lost() {
    return findings.stream().mapToLong(finding -> finding.lost().total()).max().orElse(0);
  }

  /** Changes too many, of the place that has most of them. */
  public long duplicated() {
    return findings.stream().mapToLong(finding -> finding.duplicated().total()).max().orElse(0);
  }

  public boolean isRight() {
    return findings.isEmpty();
  }
}
