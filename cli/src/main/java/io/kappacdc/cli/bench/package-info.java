/**
 * The end-to-end benchmark: a stack, a load, every change timed, the proof, a report.
 *
 * <p>Reads: bench specs, results of earlier runs. Writes: a directory of results, and a home
 * directory of its own unless a stack is up. Guarantees: no figure without a verification that
 * matched beside it; a load that was not made is said, and fails the run.
 */
@NullMarked
package io.kappacdc.cli.bench;

import org.jspecify.annotations.NullMarked;
