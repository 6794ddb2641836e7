package io.kappacdc.event.wire;

import io.kappacdc.event.TableSchema;

/** Finds the schema that an event names. */
@FunctionalInterface
public interface SchemaResolver {
  /**
   * The schema with this content id.
   *
   * @throws WireFormatException if no such schema was ever published
   */
  TableSchema resolve(String schemaId);
}
