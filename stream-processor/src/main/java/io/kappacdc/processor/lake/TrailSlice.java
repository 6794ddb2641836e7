package io.kappacdc.processor.lake;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Operation;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.RowJson;
import io.kappacdc.event.wire.SchemaJson;
import io.kappacdc.processor.stream.CommitTimes;
import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.SinkPosition;
import io.kappacdc.processor.stream.SliceTask;
import io.kappacdc.processor.stream.TopicPartition;
import java.io.IOException;
import java.io.Serializable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** Writes the events of a slice as trail rows, one Parquet file for each schema in turn. */
final class TrailSlice implements SliceTask<TrailSlice.Result> {
  private static final long serialVersionUID = 1L;
  private static final UTF8String[] OP_CODES = opCodes();

  /**
   * A file of trail rows.
   *
   * @param file the file
   * @param columns the columns it was written with
   * @param schema the source schema of all its rows, as {@link SchemaJson}
   * @param firstLsn LSN of its first row
   * @param firstOrdinal ordinal of its first row
   * @param end the table's position in this partition once the file is committed
   */
  record TrailFile(
      DataFile file,
      LakeSchema columns,
      byte[] schema,
      long firstLsn,
      long firstOrdinal,
      SinkPosition end)
      implements Serializable {}

  /**
   * What a slice came to.
   *
   * @param unreadable what is to go to quarantine; null if there is nothing
   */
  record Result(
      TopicPartition partition,
      List<TrailFile> files,
      CommitTimes commitTimes,
      QuarantineTask.@Nullable Written unreadable,
      SliceEnd end)
      implements Serializable {}

  private final Map<String, TablePlan> plansByTopic;
  private final String root;
  private final SchemaSource schemas;
  private final ParquetFiles parquet;
  private final QuarantineTask quarantine;

  TrailSlice(
      Map<String, TablePlan> plansByTopic,
      String root,
      SchemaSource schemas,
      ParquetFiles parquet,
      QuarantineTask quarantine) {
    this.plansByTopic = plansByTopic;
    this.root = root;
    this.schemas = schemas;
    this.parquet = parquet;
    this.quarantine = quarantine;
  }

  @Override
  public Result run(TopicPartition partition, Iterator<KafkaRecord> records) throws IOException {
    TablePlan plan = plansByTopic.getOrDefault(partition.topic(), TablePlan.NEW);
    ArrayList<TrailFile> files = new ArrayList<>();
    try (QuarantineTask.Slice unreadable = quarantine.open(partition);
        OpenFile open = new OpenFile()) {
      SliceReader reader = new SliceReader(partition, plan, schemas, records, unreadable);
      while (reader.next()) {
        if (reader.schemaChanged()) {
          open.finishInto(files);
          open.start(reader);
        }
        open.write(reader);
      }
      open.finishInto(files);
      return new Result(partition, files, reader.commitTimes(), unreadable.finish(), reader.end());
    }
  }

  private static UTF8String[] opCodes() {
    UTF8String[] codes = new UTF8String[Operation.values().length];
    for (Operation operation : Operation.values()) {
      codes[operation.ordinal()] = UTF8String.fromString(String.valueOf(operation.code()));
    }
    return codes;
  }

  /** The file being written, if any. */
  private final class OpenFile implements AutoCloseable {
    private ParquetFiles.@Nullable Writer writer;
    private LakeSchema columns = LakeSchema.EMPTY;
    private @Nullable TableSchema schema;
    private @Nullable RowEncoder encoder;
    private @Nullable RowJson json;
    private @Nullable InternalRow row;
    private @Nullable ChangeEvent first;
    private @Nullable SinkPosition end;
    private long sinkMicros;

    void start(SliceReader reader) {
      schema = reader.event().schema();
      columns = reader.columns();
      encoder = new RowEncoder(columns, schema);
      json = new RowJson(schema);
      StructType fields = columns.physical(MetadataColumns.TRAIL);
      row = new SpecificInternalRow(fields);
      first = reader.event();
      sinkMicros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
      int[] bounded = columns.ordinals(schema.key());
      writer = parquet.open(LakePaths.table(root, schema), fields, bounded);
    }

    void write(SliceReader reader) {
      ChangeEvent event = reader.event();
      InternalRow target = Objects.requireNonNull(row);
      RowEncoder rows = Objects.requireNonNull(encoder);
      Object exact = rows.fill(target, event.image());
      int i = columns.columns().size();
      target.update(i++, OP_CODES[event.operation().ordinal()]);
      target.setLong(i++, event.position().lsn());
      target.setLong(i++, event.position().ordinal());
      target.setLong(i++, event.transactionId());
      target.setLong(i++, event.commitMicros());
      target.setLong(i++, sinkMicros);
      String before =
          event.before() == null ? null : Objects.requireNonNull(json).write(event.before());
      target.update(i++, before == null ? null : UTF8String.fromString(before));
      target.update(i++, rows.unchangedColumns(event.after()));
      target.update(i, exact);
      Objects.requireNonNull(writer).write(target, event.position().lsn());
      end = reader.reached();
    }

    void finishInto(List<TrailFile> files) throws IOException {
      if (writer != null) {
        ChangeEvent start = Objects.requireNonNull(first);
        files.add(
            new TrailFile(
                writer.finish(),
                columns,
                SchemaJson.write(Objects.requireNonNull(schema)),
                start.position().lsn(),
                start.position().ordinal(),
                Objects.requireNonNull(end)));
        writer = null;
      }
    }

    @Override
    public void close() {
      if (writer != null) {
        writer.close();
      }
    }
  }
}
