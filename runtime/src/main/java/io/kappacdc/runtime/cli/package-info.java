/**
 * The base of every command: common options, exit codes, and how errors look.
 *
 * <p>Reads: arguments, environment. Writes: standard error. Guarantees: exit code 0 on success, 1
 * for a failure or a mismatch, 2 for what could not be done or a wrong call; errors as problem,
 * cause, remedy, without a stack trace unless {@code --debug}.
 */
@NullMarked
package io.kappacdc.runtime.cli;

import org.jspecify.annotations.NullMarked;
