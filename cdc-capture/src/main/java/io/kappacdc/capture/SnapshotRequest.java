package io.kappacdc.capture;

/**
 * How a table is asked for: a message in the source's own log, which capture meets wherever it runs
 * and whenever it does, once, in the order of the stream.
 */
final class SnapshotRequest {
  /** Of the message; its content is the table's oid. It is not transactional (dbz#2058). */
  static final String PREFIX = "kappa.snapshot";

  private SnapshotRequest() {}
}
