package io.kappacdc.cli.bench.measure;

/** A partition of a topic. */
public record PartitionId(String topic, int partition) {}
