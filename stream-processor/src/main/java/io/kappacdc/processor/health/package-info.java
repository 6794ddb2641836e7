/**
 * What the processor shows of itself: metrics and health of each sink, of Kafka and of the trail's
 * database.
 *
 * <p>Reads: the queries' progress, the newest cut in Kafka. Writes: nothing but the meters.
 * Guarantees: counting costs per batch, never per change; nothing here holds up a query.
 */
@NullMarked
package io.kappacdc.processor.health;

import org.jspecify.annotations.NullMarked;
