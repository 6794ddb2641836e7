/**
 * What a change costs against load, table size, number of tables, row width, transaction size,
 * partitions and cores: runs of {@code kappa bench} that differ in one of them.
 *
 * <p>Reads: the results that the bench writes. Writes: one record under benchmarks/results, and the
 * part of docs/performance.md that is made from it. Guarantees: a point whose run does not count,
 * as its stores did not match or its rate was not reached, is recorded as such and never fitted.
 */
@NullMarked
package io.kappacdc.benchmarks.scale;

import org.jspecify.annotations.NullMarked;
