package io.kappacdc.processor.verify;

import io.kappacdc.runtime.cli.ExitCode;

/** What a comparison found out. */
public enum Verdict {
  /** Every row was compared and found equal. */
  MATCH(ExitCode.OK, "match"),
  /** At least one row differs, is missing or does not belong there. */
  MISMATCH(ExitCode.FAILED, "MISMATCH"),
  /** It could not be found out. */
  NOT_VERIFIED(ExitCode.NOT_DONE, "NOT VERIFIED");

  private final int exitCode;
  private final String label;

  Verdict(int exitCode, String label) {
    this.exitCode = exitCode;
    this.label = label;
  }

  public int exitCode() {
    return exitCode;
  }

  /** For people. */
  public String label() {
    return label;
  }

  /**
   * The verdict over both: a mismatch is a fact whatever else is unknown, and what is unknown is no
   * match.
   */
  Verdict and(Verdict other) {
    if (this == MISMATCH || other == MISMATCH) {
      return MISMATCH;
    }
    return this == NOT_VERIFIED ? this : other;
  }
}
