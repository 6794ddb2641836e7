/**
 * Where each stage of the pipeline stands.
 *
 * <p>Reads: the source's slot, Kafka's offsets and cuts, the sink's ledger, and the file in which
 * the processor says what it does. Writes: nothing. Guarantees: a stage that does not answer leaves
 * the others readable; lag is counted against the last cut, not against Kafka's end offsets, which
 * include the markers of transactions.
 */
@NullMarked
package io.kappacdc.cli.status;

import org.jspecify.annotations.NullMarked;
