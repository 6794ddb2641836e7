/**
 * Capture: committed changes of a PostgreSQL database to Kafka.
 *
 * <p>Reads: the source's write-ahead log through its replication slot, and its catalog. Writes: a
 * topic a table, schemas, cuts, its own offset. Guarantees: each change once, in whole
 * transactions, under an identity given by the source. Data flows through the packages {@code
 * source}, {@code transform}, {@code publish}; this one wires them and runs the result.
 */
@NullMarked
package io.kappacdc.capture;

import org.jspecify.annotations.NullMarked;
