/**
 * Where capture continues after a stop, and which failures are worth a new attempt.
 *
 * <p>Reads and writes: nothing; plain values that the other packages exchange. Guarantees: an
 * offset names the end of a whole source transaction, or a snapshot to be taken anew.
 */
@NullMarked
package io.kappacdc.capture.resume;

import org.jspecify.annotations.NullMarked;
