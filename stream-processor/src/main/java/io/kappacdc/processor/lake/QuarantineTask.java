package io.kappacdc.processor.lake;

import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.TopicPartition;
import java.io.IOException;
import java.io.Serializable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * Writes the records that a slice cannot read to files of the quarantine, for the driver to commit.
 */
final class QuarantineTask implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final String sink;
  private final ParquetFiles parquet;
  private final HashMap<TopicPartition, Long> lastOffsets;

  /**
   * @param path of the quarantine
   * @param lastOffsets of the records that are in it already
   */
  QuarantineTask(
      String path, String sink, ParquetFiles parquet, Map<TopicPartition, Long> lastOffsets) {
    this.path = path;
    this.sink = sink;
    this.parquet = parquet;
    this.lastOffsets = new HashMap<>(lastOffsets);
  }

  /**
   * A slice's unreadable records.
   *
   * @param lastOffset of the last one
   */
  record Written(TopicPartition partition, DataFile file, long lastOffset)
      implements Serializable {}

  Slice open(TopicPartition partition) {
    return new Slice(partition, lastOffsets.getOrDefault(partition, -1L));
  }

  /** Of one slice. Not thread-safe. */
  final class Slice implements AutoCloseable {
    private final TopicPartition partition;
    private long lastOffset;
    private ParquetFiles.@Nullable Writer writer;

    private Slice(TopicPartition partition, long lastOffset) {
      this.partition = partition;
      this.lastOffset = lastOffset;
    }

    /** Takes a record, unless the quarantine has it. */
    void add(KafkaRecord record, String reason) {
      if (record.offset() <= lastOffset) {
        return;
      }
      lastOffset = record.offset();
      if (writer == null) {
        writer = parquet.open(path, Quarantine.COLUMNS);
      }
      writer.write(
          new GenericInternalRow(
              new @Nullable Object[] {
                UTF8String.fromString(sink),
                UTF8String.fromString(record.topic()),
                record.partition(),
                record.offset(),
                UTF8String.fromString(reason),
                record.key(),
                record.value(),
                ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now())
              }),
          record.offset());
    }

    /** The records' file; null if there are none. */
    @Nullable Written finish() throws IOException {
      return writer == null ? null : new Written(partition, writer.finish(), lastOffset);
    }

    @Override
    public void close() {
      if (writer != null) {
        writer.close();
      }
    }
  }
}
