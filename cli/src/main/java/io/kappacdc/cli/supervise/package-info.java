/**
 * The processes of a stack on this machine: started in order, watched, started again when they
 * fail, stopped in order.
 *
 * <p>Reads: the effective configuration, the pid files of a supervisor that was killed. Writes:
 * {@code stack.yaml}, {@code run/}, {@code logs/} and {@code pgpass} in the home directory.
 * Guarantees: one supervisor a home; no secret on a command line; what was started is stopped
 * within a bound, also by the next supervisor if this one is killed; a process that fails again and
 * again is given up with its own words.
 */
@NullMarked
package io.kappacdc.cli.supervise;

import org.jspecify.annotations.NullMarked;
