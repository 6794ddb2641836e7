/**
 * The Delta Lake: a trail and a mirror for each table.
 *
 * <p>Reads: the slices of a batch, where they are; table state and positions from the Delta logs.
 * Writes: {@code <lake>/trail/<schema>.<table>} and {@code <lake>/mirror/<schema>.<table>}.
 * Guarantees: rows and positions are one Delta commit a table, so a repeated, replayed or
 * concurrent batch changes nothing; every value comes back as the text PostgreSQL printed; a table
 * that cannot go on stops alone; no row passes through the driver.
 */
@NullMarked
package io.kappacdc.processor.lake;

import org.jspecify.annotations.NullMarked;
