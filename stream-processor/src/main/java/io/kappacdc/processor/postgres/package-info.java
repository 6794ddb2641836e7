/**
 * The PostgreSQL trail: every change as a row of {@code <schema>.<table>_trail}.
 *
 * <p>Reads: records of the tables' topics. Writes: trail tables by COPY, and {@code kappa.ledger}
 * and {@code kappa.tables} in the same transactions. Guarantees: a change is in the trail exactly
 * once, since the position that says so is committed with it and checked under a row lock before
 * it; values are PostgreSQL's own text, so nothing is converted.
 */
@NullMarked
package io.kappacdc.processor.postgres;

import org.jspecify.annotations.NullMarked;
