/**
 * The fault harness: {@code kappa chaos}.
 *
 * <p>Reads: the command line. Writes: the run's home directory, progress and report. Guarantees:
 * the same seed and faults give the same schedule; exit code 0 means that every fault was survived
 * without one change lost or counted twice.
 */
@NullMarked
package io.kappacdc.chaos;

import org.jspecify.annotations.NullMarked;
