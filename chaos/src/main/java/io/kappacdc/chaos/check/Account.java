package io.kappacdc.chaos.check;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The account after a fault.
 *
 * @param recoveries how long each store took to hold a moment of the source after the fault, the
 *     slowest last
 * @param changes that the source had made by then, since the beginning
 * @param unseen changes that nobody can have seen one by one since the account before, as the fault
 *     took them away; below zero if the source went back and made fewer than were seen
 * @param findings what is wrong; empty if nothing is
 */
public record Account(
    Map<String, Duration> recoveries, long changes, long unseen, List<Finding> findings) {
  public Account {
    recoveries = Collections.unmodifiableMap(new LinkedHashMap<>(recoveries));
    findings = List.copyOf(findings);
  }

  /** Until every store held that moment. */
  public Duration recovery() {
    return recoveries.values().stream().max(Duration::compareTo).orElse(Duration.ZERO);
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
