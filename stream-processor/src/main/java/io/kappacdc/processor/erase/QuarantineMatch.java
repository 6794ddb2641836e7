package io.kappacdc.processor.erase;

import java.io.Serializable;

/** Tells the records of a table's quarantine that are to be erased. Goes to executors. */
@FunctionalInterface
public interface QuarantineMatch extends Serializable {
  boolean isErased(QuarantinedBytes record);
}
