package io.kappacdc.processor.stream;

/**
 * Records of a topic partition.
 *
 * @param begin offset of the first
 * @param end the offset before which they end
 */
record OffsetRange(TopicPartition partition, long begin, long end) {}
