/**
 * The faults: what each does to the stack, and how it ends.
 *
 * <p>Reads: the stack. Writes: harm. Guarantees: a fault's parameters follow from its random
 * numbers alone, and after {@code inflict} the infrastructure is whole again; the pipeline need not
 * be.
 */
@NullMarked
package io.kappacdc.chaos.fault;

import org.jspecify.annotations.NullMarked;
