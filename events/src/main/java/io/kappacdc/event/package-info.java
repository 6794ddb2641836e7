/**
 * The domain: what one committed change is, where in the source it stands, and under which schema
 * it was written.
 *
 * <p>Reads: nothing. Writes: nothing. Guarantees: immutable values that import only the JDK; the
 * identity of an event is its {@link io.kappacdc.event.Position}, never its arrival time.
 */
@NullMarked
package io.kappacdc.event;

import org.jspecify.annotations.NullMarked;
