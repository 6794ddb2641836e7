package io.kappacdc.chaos.stack;

/**
 * How often a fault has taken changes away before they were captured, so that all tables had to be
 * read anew; and how often the pipeline refused to go on before that. One thread.
 */
public final class Gaps {
  private int count;
  private int refusals;

  Gaps() {}

  /** All tables must be read anew, once. */
  public void opened() {
    count++;
  }

  /** The pipeline refused to go on, and was told to read all tables anew. */
  public void refused() {
    refusals++;
  }

  public int count() {
    return count;
  }

  public int refusals() {
    return refusals;
  }
}
