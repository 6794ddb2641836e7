package io.kappacdc.chaos.check;

import io.kappacdc.chaos.workload.Tally;
import java.util.List;

/**
 * What is wrong with a place that holds the changes.
 *
 * @param lost changes that the source made and the place has not
 * @param duplicated changes that the place has and the source has not made, or not so often
 * @param notes what else contradicts the source
 */
public record Finding(String place, Tally lost, Tally duplicated, List<String> notes) {
  public Finding {
    notes = List.copyOf(notes);
  }

  static Finding of(String place, Tally expected, Tally found, List<String> notes) {
    return new Finding(
        place, expected.minus(found).positive(), found.minus(expected).positive(), notes);
  }

  public boolean isNothing() {
    return lost.isEmpty() && duplicated.isEmpty() && notes.isEmpty();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(place).append(':');
    if (!lost.isEmpty()) {
      text.append(" lost ").append(lost);
    }
    if (!duplicated.isEmpty()) {
      text.append(" duplicated ").append(duplicated);
    }
    notes.forEach(note -> text.append(' ').append(note).append(';'));
    return text.toString();
  }
}
