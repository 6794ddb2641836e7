package io.kappacdc.processor.stream;

import org.jspecify.annotations.Nullable;

/** One record of a table's topic; the arrays are the reader's own and must not be changed. */
public record KafkaRecord(
    String topic, int partition, long offset, byte @Nullable [] key, byte @Nullable [] value) {}
