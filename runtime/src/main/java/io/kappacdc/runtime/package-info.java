/**
 * What every process shares and none owns: user-facing errors and the home directory of a stack.
 *
 * <p>Reads: the stack file under the home. Writes: the same, atomically. Guarantees: an error a
 * user sees has a problem, a cause and a remedy.
 */
@NullMarked
package io.kappacdc.runtime;

import org.jspecify.annotations.NullMarked;
