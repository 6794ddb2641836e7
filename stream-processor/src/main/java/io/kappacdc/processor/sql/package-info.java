/**
 * {@code kappa sql}: SQL over the lake, with time travel and history.
 *
 * <p>Reads: the lake's trails and mirrors, as {@code trail.<schema>_<table>}, {@code
 * history.<schema>_<table>} and {@code mirror.<schema>_<table>}. Writes: the answer to standard
 * output. Guarantees: changes nothing in the lake; memory is bounded by one batch of rows whatever
 * the answer's size.
 */
@NullMarked
package io.kappacdc.processor.sql;

import org.jspecify.annotations.NullMarked;
