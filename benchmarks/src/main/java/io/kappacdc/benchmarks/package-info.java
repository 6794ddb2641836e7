/**
 * Micro-benchmarks of the product's own code against the candidates it was chosen from.
 *
 * <p>Reads: generated workloads that depend on a fixed seed alone. Writes: result files under
 * benchmarks/results. Guarantees: every candidate carries the same events and returns them equal (a
 * test holds it to that); a result file names the commit, the machine and the Java it was measured
 * with.
 */
@NullMarked
package io.kappacdc.benchmarks;

import org.jspecify.annotations.NullMarked;
