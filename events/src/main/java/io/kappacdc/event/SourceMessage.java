package io.kappacdc.event;

/** Prefixes of the logical messages in the source's log that are meant for capture. */
public final class SourceMessage {
  /** What all of them begin with; alone it is a sign of life. Capture answers each by a cut. */
  public static final String PREFIX = "kappa";

  /**
   * A verification wants to know where the topics are: the cut that answers names every table whose
   * rows have changed by now without changes in the log.
   */
  public static final String FENCE = PREFIX + ".fence";

  /** A user wants a table to be read; the message is its oid as text. */
  public static final String SNAPSHOT = PREFIX + ".snapshot";

  private SourceMessage() {}
}
