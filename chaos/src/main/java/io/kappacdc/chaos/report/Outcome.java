package io.kappacdc.chaos.report;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What became of one fault.
 *
 * @param number in the schedule, from 1
 * @param fault its name
 * @param done what exactly was done
 * @param verdict whether it was survived
 * @param recoveries from the fault's end until each store held a later moment of the source
 * @param lost changes missing in the place that misses most
 * @param duplicated changes too many in the place that has most of them
 * @param findings what is wrong, in words; empty if nothing is
 */
public record Outcome(
    int number,
    String fault,
    String done,
    Verdict verdict,
    Map<String, Duration> recoveries,
    long lost,
    long duplicated,
    List<String> findings) {
  /** How a fault ended. */
  public enum Verdict {
    /** Everything came back by itself and is right. */
    SURVIVED,
    /** The pipeline refused to go on, clearly, and did what its remedy said. */
    REFUSED,
    /** It did not happen: what it waits for did not come by in time. Counts for nothing. */
    MISSED,
    /** Something is wrong. */
    FAILED
  }

  public Outcome {
    recoveries = Collections.unmodifiableMap(new LinkedHashMap<>(recoveries));
    findings = List.copyOf(findings);
  }

  /** From the fault's end until every store held a later moment. */
  public Duration recovery() {
    return recoveries.values().stream().max(Duration::compareTo).orElse(Duration.ZERO);
  }
}
