/**
 * The streaming queries: one for each sink, planned from that sink's own positions.
 *
 * <p>Reads: the tables' topics, committed transactions only. Writes: through {@link
 * io.kappacdc.processor.stream.Sink}s. Guarantees: every committed record reaches every sink, in
 * the order of its partition; where to start is what the sink says, never what a checkpoint says;
 * no record passes through the driver.
 */
@NullMarked
package io.kappacdc.processor.stream;

import org.jspecify.annotations.NullMarked;
