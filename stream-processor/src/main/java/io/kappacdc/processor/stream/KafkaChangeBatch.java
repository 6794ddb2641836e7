package io.kappacdc.processor.stream;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * A micro-batch of Spark's Kafka source; its partitions are ranges of offsets of one topic
 * partition each.
 */
final class KafkaChangeBatch implements ChangeBatch {
  /** Spark's own columns: to choose among them would copy every record. */
  private final Dataset<Row> records;

  private final long batchId;
  private final ReadLimit limit;

  /**
   * @param records as Spark's Kafka source makes them
   */
  KafkaChangeBatch(Dataset<Row> records, long batchId, ReadLimit limit) {
    this.records = records;
    this.batchId = batchId;
    this.limit = limit;
  }

  @Override
  public long batchId() {
    return batchId;
  }

  @Override
  public <R extends Serializable> List<R> forEachSlice(SliceTask<R> task) {
    ReadLimit end = limit;
    Columns columns = Columns.of(records.schema());
    FlatMapFunction<Iterator<InternalRow>, R> runSlices =
        rows -> {
          Records reader = new Records(rows, columns, end);
          List<R> results = new ArrayList<>(1);
          while (reader.hasNextSlice()) {
            results.add(task.run(reader.slice(), reader));
            reader.skipSlice();
          }
          return results.iterator();
        };
    return records.queryExecution().toRdd().toJavaRDD().mapPartitions(runSlices).collect();
  }

  /** Where a record's fields are. */
  private record Columns(int topic, int partition, int offset, int key, int value)
      implements Serializable {
    static Columns of(StructType records) {
      return new Columns(
          records.fieldIndex("topic"),
          records.fieldIndex("partition"),
          records.fieldIndex("offset"),
          records.fieldIndex("key"),
          records.fieldIndex("value"));
    }
  }

  /** The rows of a Spark partition, cut where the topic partition changes. */
  private static final class Records implements Iterator<KafkaRecord> {
    private final Iterator<InternalRow> rows;
    private final Columns columns;
    private final ReadLimit limit;
    private long endOffset;
    private @Nullable UTF8String topicBytes;
    private @Nullable TopicPartition slice;
    private @Nullable KafkaRecord next;

    Records(Iterator<InternalRow> rows, Columns columns, ReadLimit limit) {
      this.rows = rows;
      this.columns = columns;
      this.limit = limit;
      advance();
    }

    boolean hasNextSlice() {
      if (next == null) {
        return false;
      }
      slice = new TopicPartition(next.topic(), next.partition());
      endOffset = limit.endOffset(slice);
      return true;
    }

    TopicPartition slice() {
      if (slice == null) {
        throw new NoSuchElementException();
      }
      return slice;
    }

    void skipSlice() {
      while (isInSlice()) {
        advance();
      }
    }

    @Override
    public boolean hasNext() {
      return isInSlice() && next.offset() < endOffset;
    }

    private boolean isInSlice() {
      return next != null
          && slice != null
          && next.partition() == slice.partition()
          && next.topic().equals(slice.topic());
    }

    @Override
    public KafkaRecord next() {
      KafkaRecord current = next;
      if (current == null || !hasNext()) {
        throw new NoSuchElementException();
      }
      advance();
      return current;
    }

    private void advance() {
      if (!rows.hasNext()) {
        next = null;
        return;
      }
      InternalRow row = rows.next();
      UTF8String bytes = row.getUTF8String(columns.topic);
      String topic;
      if (next != null && bytes.equals(topicBytes)) {
        topic = next.topic();
      } else {
        topic = bytes.toString();
        topicBytes = bytes.copy();
      }
      next =
          new KafkaRecord(
              topic,
              row.getInt(columns.partition),
              row.getLong(columns.offset),
              row.isNullAt(columns.key) ? null : row.getBinary(columns.key),
              row.isNullAt(columns.value) ? null : row.getBinary(columns.value));
    }
  }
}
