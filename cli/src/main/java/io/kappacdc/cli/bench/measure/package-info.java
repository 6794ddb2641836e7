/**
 * Times every change of a run at every stage, and watches what it costs.
 *
 * <p>Reads: Kafka, the ledger and the trail in PostgreSQL, the Delta logs on the local disk, the
 * processor's status file, /proc. Writes: nothing but a session setting of its own connections.
 * Guarantees: every change counts, none is sampled; a change counts as visible when a reader could
 * have read it, never before; what was not seen at a stage is counted as missing there.
 */
@NullMarked
package io.kappacdc.cli.bench.measure;

import org.jspecify.annotations.NullMarked;
