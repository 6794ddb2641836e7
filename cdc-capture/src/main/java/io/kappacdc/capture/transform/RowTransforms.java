package io.kappacdc.capture.transform;

import io.kappacdc.runtime.KappaException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.Transformation;
import org.jspecify.annotations.Nullable;

/**
 * Single message transforms of Kafka Connect and Debezium, applied in order to records whose value
 * is the row itself. Not thread-safe.
 */
public final class RowTransforms implements AutoCloseable {
  private final List<Transformation<SourceRecord>> transforms = new ArrayList<>();
  private final List<String> names = new ArrayList<>();

  /**
   * @param configs for each transform its class under {@code type}, and its options
   * @throws KappaException if one cannot be created as configured
   */
  public RowTransforms(List<Map<String, String>> configs) {
    for (Map<String, String> config : configs) {
      add(config);
    }
  }

  private void add(Map<String, String> config) {
    String type = config.get("type");
    if (type == null) {
      throw new KappaException(
          "A transform has no class.",
          "An entry of capture.transforms has no 'type'.",
          "Give each entry a type, e.g. org.apache.kafka.connect.transforms.ReplaceField$Value.");
    }
    Map<String, String> options = new HashMap<>(config);
    options.remove("type");
    Transformation<SourceRecord> transform = create(type);
    try {
      transform.configure(options);
    } catch (KafkaException e) {
      throw new KappaException(
          "Transform '" + type + "' refuses its options.",
          String.valueOf(e.getMessage()),
          "Correct its entry in capture.transforms.",
          e);
    }
    transforms.add(transform);
    names.add(type);
  }

  @SuppressWarnings("unchecked")
  private static Transformation<SourceRecord> create(String type) {
    try {
      Object created = Class.forName(type).getDeclaredConstructor().newInstance();
      if (created instanceof Transformation<?> transform) {
        return (Transformation<SourceRecord>) transform;
      }
      throw new KappaException(
          "Transform '" + type + "' cannot be used.",
          "The class is no Transformation of Kafka Connect.",
          "Correct the type in capture.transforms.");
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new KappaException(
          "Transform '" + type + "' cannot be created.",
          e.getClass().getSimpleName() + ": " + e.getMessage(),
          "Correct the type in capture.transforms (an inner class is written with $, as in"
              + " InsertField$Value), or put its jar on capture's class path.",
          e);
    }
  }

  public boolean isEmpty() {
    return transforms.isEmpty();
  }

  /**
   * The row after all transforms; null when one of them dropped it.
   *
   * @throws KappaException if one fails
   */
  @Nullable Struct apply(String topic, Struct row) {
    SourceRecord record =
        new SourceRecord(Map.of(), Map.of(), topic, null, null, row.schema(), row);
    for (int i = 0; i < transforms.size(); i++) {
      try {
        record = transforms.get(i).apply(record);
      } catch (KafkaException e) {
        throw failure(names.get(i), topic, e);
      }
      if (record == null) {
        return null;
      }
    }
    if (!(record.value() instanceof Struct result)) {
      throw failure(names.get(names.size() - 1), topic, null);
    }
    return result;
  }

  /** Without the cause's message, which can quote values. */
  private static KappaException failure(
      String type, String topic, @Nullable RuntimeException cause) {
    return new KappaException(
        "Transform '" + type + "' fails on rows of " + topic + ".",
        cause == null ? "It leaves no row." : cause.getClass().getSimpleName() + " in it.",
        "Correct or remove its entry in capture.transforms.",
        cause);
  }

  @Override
  public void close() {
    transforms.forEach(Transformation::close);
  }
}
