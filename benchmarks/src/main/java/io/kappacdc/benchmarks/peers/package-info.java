/**
 * The pipeline beside others of its kind, in one run and on one workload.
 *
 * <p>Reads: peers' distributions and class paths below {@code .kappa/peers}, which {@code
 * benchmarks/peers/run} fetches through Maven. Writes: a JSON record and a table. Guarantees: every
 * contender gets fresh servers and the same changes; one that fails is in the record as failed.
 */
@NullMarked
package io.kappacdc.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
