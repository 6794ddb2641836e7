package io.kappacdc.chaos.stack;

import java.util.Locale;

/** A process of the pipeline that {@code kappa up} starts and starts again. */
public enum Role {
  CAPTURE,
  PROCESSOR;

  /** As in the names of pid files and logs. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
