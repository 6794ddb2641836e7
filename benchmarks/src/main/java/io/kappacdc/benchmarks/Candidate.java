package io.kappacdc.benchmarks;

import io.kappacdc.event.TableSchema;

/** The wire formats compared. */
public enum Candidate {
  /** The product's own: JSON objects with column names, values in PostgreSQL's text. */
  NAMED_JSON("named JSON"),
  /** JSON arrays in the order of the schema's columns. */
  POSITIONAL_JSON("positional JSON"),
  /** Avro binary through GenericDatumWriter and GenericDatumReader. */
  AVRO_GENERIC("Avro, generic"),
  /** The same Avro bytes, written and read by code that drives the encoder itself. */
  AVRO_DIRECT("Avro, direct"),
  /** The shape that Kafka Connect's JsonConverter without schemas gives Debezium's envelope. */
  DEBEZIUM_JSON("Debezium-style JSON");

  private final String label;

  Candidate(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }

  /** A new instance that carries events of {@code schema}. */
  WireFormat forTable(TableSchema schema) {
    return switch (this) {
      case NAMED_JSON -> new NamedJson(schema);
      case POSITIONAL_JSON -> new PositionalJson(schema);
      case AVRO_GENERIC -> new AvroGeneric(schema);
      case AVRO_DIRECT -> new AvroDirect(schema);
      case DEBEZIUM_JSON -> new DebeziumJson(schema);
    };
  }
}
