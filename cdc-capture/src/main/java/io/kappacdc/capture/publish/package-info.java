/**
 * From change events to Kafka.
 *
 * <p>Reads: the offsets topic, once at the start. Writes: the tables' topics, schemas, cuts and
 * offsets. Guarantees: one Kafka transaction holds whole source transactions, the schemas they
 * need, the offset behind them and the cut they end on, so a reader of committed records sees each
 * change once and never half a transaction, whenever capture is killed.
 */
@NullMarked
package io.kappacdc.capture.publish;

import org.jspecify.annotations.NullMarked;
