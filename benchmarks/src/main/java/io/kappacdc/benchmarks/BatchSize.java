package io.kappacdc.benchmarks;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.wire.EventWriter;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/**
 * Bytes that an event takes on the wire and in Kafka's log: the mean over one batch of {@link
 * Workload#EVENTS} records, all candidates with the product's record keys.
 *
 * @param value the record value alone
 * @param plain its share of an uncompressed Kafka record batch
 * @param lz4 its share of the batch compressed by Kafka's own lz4, default level
 * @param zstd its share of the batch compressed by Kafka's own zstd, default level
 */
record BatchSize(double value, double plain, double lz4, double zstd) {
  static BatchSize of(Workload workload, Candidate candidate) {
    WireFormat format = candidate.forTable(workload.schema());
    EventWriter keys = new EventWriter();
    List<ChangeEvent> events = workload.events();
    SimpleRecord[] records = new SimpleRecord[events.size()];
    long bytes = 0;
    for (int i = 0; i < records.length; i++) {
      ChangeEvent event = events.get(i);
      byte[] value = format.encode(event);
      records[i] = new SimpleRecord(event.commitMicros() / 1_000, keys.key(event), value);
      bytes += value.length;
    }
    return new BatchSize(
        (double) bytes / records.length,
        share(Compression.NONE, records),
        share(Compression.lz4().build(), records),
        share(Compression.zstd().build(), records));
  }

  private static double share(Compression compression, SimpleRecord[] records) {
    return (double) MemoryRecords.withRecords(compression, records).sizeInBytes() / records.length;
  }
}
