package io.kappacdc.event;

/** PostgreSQL's REPLICA IDENTITY of a table: what a before image holds. */
public enum ReplicaIdentity {
  /** The primary key's columns. */
  DEFAULT,
  /** All columns. */
  FULL,
  /** The columns of a chosen unique index. */
  INDEX,
  /** Nothing. */
  NOTHING
}
