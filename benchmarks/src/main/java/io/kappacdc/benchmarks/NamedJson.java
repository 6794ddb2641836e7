package io.kappacdc.benchmarks;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.EventReader;
import io.kappacdc.event.wire.EventWriter;
import java.util.Map;

/** The product's own classes, used as capture and the processor use them. */
final class NamedJson implements WireFormat {
  private final EventWriter writer = new EventWriter();
  private final EventReader reader;

  NamedJson(TableSchema schema) {
    reader = new EventReader(Map.of(schema.id(), schema)::get);
  }

  @Override
  public byte[] encode(ChangeEvent event) {
    return writer.write(event);
  }

  @Override
  public ChangeEvent decode(byte[] value) {
    return reader.read(value);
  }
}
