/**
 * Table schemas by content id, as capture published them.
 *
 * <p>Reads: the schemas topic. Writes: nothing. Guarantees: a schema that a committed event names
 * is found, in every JVM, without asking the source.
 */
@NullMarked
package io.kappacdc.processor.schema;

import org.jspecify.annotations.NullMarked;
