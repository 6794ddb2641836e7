package io.kappacdc.processor.lake;

import io.kappacdc.event.wire.SchemaResolver;
import java.io.Serializable;

/** How a task on an executor comes by the schemas of events. */
@FunctionalInterface
public interface SchemaSource extends Serializable {
  /** This JVM's resolver. */
  SchemaResolver resolver();
}
