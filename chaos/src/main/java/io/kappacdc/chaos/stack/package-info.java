/**
 * What the faults act on: the servers as a user's infrastructure runs them, each behind a proxy,
 * and the pipeline as a user starts it.
 *
 * <p>Reads: the pid files of {@code kappa up}. Writes: servers' data, {@code chaos.yaml} and logs
 * in the run's home. Guarantees: everything started is stopped by {@code close}, or with this JVM.
 */
@NullMarked
package io.kappacdc.chaos.stack;

import org.jspecify.annotations.NullMarked;
