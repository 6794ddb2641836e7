/**
 * {@code kappa load}: Gatling injects a workload's transactions at the source and reports on them.
 *
 * <p>Reads: options, the spec. Writes: the source, the terminal, Gatling's report, a summary as
 * JSON. Guarantees: transactions begin at the schedule's times and count from them; Gatling's
 * report says the same as our own.
 */
@NullMarked
package io.kappacdc.load.gatling;

import org.jspecify.annotations.NullMarked;
