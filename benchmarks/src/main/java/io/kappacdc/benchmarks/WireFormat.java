package io.kappacdc.benchmarks;

import io.kappacdc.event.ChangeEvent;

/** A way to put a change event into the value of a Kafka record. Not thread-safe. */
interface WireFormat {
  byte[] encode(ChangeEvent event);

  /** The event that {@link #encode} was given, equal in every part. */
  ChangeEvent decode(byte[] value);
}
