package io.kappacdc.processor.stream;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A record that a sink could not read.
 *
 * @param sink its name
 * @param reason in words
 * @param at when the sink met it
 * @param value its bytes, as in Kafka; the array must not be changed
 */
public record Quarantined(
    String sink,
    TopicPartition partition,
    long offset,
    String reason,
    Instant at,
    byte @Nullable [] value) {}
