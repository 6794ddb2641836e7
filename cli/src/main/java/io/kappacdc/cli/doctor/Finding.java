package io.kappacdc.cli.doctor;

/**
 * What one check found.
 *
 * @param check its name, {@code area.subject}, as docs/production.md has it
 * @param found what is so
 * @param remedy what to do; empty if nothing is to be done
 */
public record Finding(String check, Grade grade, String found, String remedy) {
  /** How it is to be taken. */
  public enum Grade {
    OK,
    /** It works, and costs something that one should know. */
    ADVICE,
    /** It loses data, fills a disk, stops the pipeline or opens it to others, sooner or later. */
    PROBLEM,
    /** It could not be looked at. */
    UNKNOWN
  }

  /** The part of the installation that it is about. */
  public String area() {
    return check.substring(0, check.indexOf('.'));
  }
}
