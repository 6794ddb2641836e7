/**
 * The wire format: JSON records on Kafka whose values are PostgreSQL's own text, schemas by content
 * id, cuts, topic names.
 *
 * <p>Reads: bytes of Kafka records. Writes: bytes of Kafka records. Guarantees: what is written is
 * read back equal, to the last character; bytes that are not ours end in a {@link
 * io.kappacdc.event.wire.WireFormatException}, never in a wrong event. The format is described in
 * docs/wire-format.md.
 */
@NullMarked
package io.kappacdc.event.wire;

import org.jspecify.annotations.NullMarked;
