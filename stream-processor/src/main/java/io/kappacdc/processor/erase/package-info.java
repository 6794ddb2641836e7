/**
 * Which changes and rows are one person's: a row's lives under its keys, without Spark or JDBC.
 *
 * <p>Reads: what a change tells of its row, from whatever store. Writes: nothing. Guarantees: a row
 * is followed through every change of its key, in both directions; other rows that have had one of
 * these keys at another time are not taken for it, but for the key that was asked for.
 */
@NullMarked
package io.kappacdc.processor.erase;

import org.jspecify.annotations.NullMarked;
