/**
 * Column policies: what becomes of a column's values before they enter Kafka, for capture, which
 * applies them, and for verification, which expects them.
 *
 * <p>Reads: the configuration and the file of the hash key. Writes: nothing. Guarantees: neither a
 * key nor a value is in an error message or in any object's text.
 */
@NullMarked
package io.kappacdc.runtime.columns;

import org.jspecify.annotations.NullMarked;
