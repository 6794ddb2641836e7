/**
 * From PostgreSQL's write-ahead log to Debezium's records.
 *
 * <p>Reads: the source database, by embedded Debezium and by queries on its catalog. Writes: there,
 * the publication, the replication slot and heartbeat messages. Guarantees: every value is the text
 * that PostgreSQL's output function prints, in snapshot and stream alike; the stream continues
 * exactly behind the offset given, or does not start.
 */
@NullMarked
package io.kappacdc.capture.source;

import org.jspecify.annotations.NullMarked;
