package io.kappacdc.capture.resume;

/**
 * A committed transaction of the source, with all that tells it from another.
 *
 * @param xid PostgreSQL's 32-bit transaction id
 * @param endLsn the LSN behind its commit record, which is its events' LSN
 * @param commitMicros its commit time, microseconds since 1970-01-01T00:00:00Z
 * @param records how many records logical decoding has of it
 */
public record SourceTransaction(long xid, long endLsn, long commitMicros, long records) {}
