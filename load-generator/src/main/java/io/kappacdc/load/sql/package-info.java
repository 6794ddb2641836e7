/**
 * Workloads as SQL: tables, keys, values, transactions.
 *
 * <p>Reads: keys of the rows that are there. Writes: transactions at the source. Guarantees: what
 * is counted was committed; sessions change disjoint rows; the same seed on the same tables gives
 * the same transactions.
 */
@NullMarked
package io.kappacdc.load.sql;

import org.jspecify.annotations.NullMarked;
