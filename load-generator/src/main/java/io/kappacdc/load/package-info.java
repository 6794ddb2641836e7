/**
 * Load on a source database: workloads (which SQL), and an open loop (when).
 *
 * <p>Reads: keys of the rows that a workload may change. Writes: transactions at the source.
 * Guarantees: arrivals do not wait for the source, latency counts from the time an arrival was
 * meant for, and what is reported as committed was committed.
 */
@NullMarked
package io.kappacdc.load;

import org.jspecify.annotations.NullMarked;
