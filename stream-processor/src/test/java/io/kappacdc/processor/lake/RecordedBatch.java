package io.kappacdc.processor.lake;

import io.kappacdc.processor.stream.ChangeBatch;
import io.kappacdc.processor.stream.KafkaRecord;
import io.kappacdc.processor.stream.SliceTask;
import io.kappacdc.processor.stream.TopicPartition;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** A batch whose records were recorded instead of read from Kafka; its tasks run on Spark. */
record RecordedBatch(SparkSession spark, List<KafkaRecord> records) implements ChangeBatch {
  private record Slice(TopicPartition partition, ArrayList<Long> offsets, ArrayList<byte[]> values)
      implements Serializable {}

  @Override
  public long batchId() {
    return 0;
  }

  @Override
  public <R extends Serializable> List<R> forEachSlice(SliceTask<R> task) {
    Map<TopicPartition, Slice> slices = new LinkedHashMap<>();
    for (KafkaRecord record : records) {
      TopicPartition partition = new TopicPartition(record.topic(), record.partition());
      Slice slice =
          slices.computeIfAbsent(
              partition, p -> new Slice(p, new ArrayList<>(), new ArrayList<>()));
      slice.offsets().add(record.offset());
      slice.values().add(record.value());
    }
    if (slices.isEmpty()) {
      return List.of();
    }
    return JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(new ArrayList<>(slices.values()), slices.size())
        .map(slice -> run(task, slice))
        .collect();
  }

  private static <R extends Serializable> R run(SliceTask<R> task, Slice slice) throws Exception {
    List<KafkaRecord> records = new ArrayList<>();
    for (int i = 0; i < slice.offsets().size(); i++) {
      TopicPartition partition = slice.partition();
      records.add(
          new KafkaRecord(
              partition.topic(),
              partition.partition(),
              slice.offsets().get(i),
              null,
              slice.values().get(i)));
    }
    return task.run(slice.partition(), records.iterator());
  }
}
