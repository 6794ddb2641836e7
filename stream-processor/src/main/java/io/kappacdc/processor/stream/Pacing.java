package io.kappacdc.processor.stream;

/**
 * What a sink wants of the {@link Pace} of its query: many small batches are fresh, few large ones
 * cheap.
 *
 * @param smallBelow changes below which a batch is small: it costs not much less than one with as
 *     many
 * @param rest how long the query rests after a small batch, in times that the batch took
 */
public record Pacing(long smallBelow, int rest) {}
