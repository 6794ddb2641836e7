/**
 * The load: a small bank whose money neither grows nor shrinks, and a ledger, written in the same
 * transactions, of how many changes each of them makes.
 *
 * <p>Reads, writes: the source's tables. Guarantees: at any moment of the source, the ledger's rows
 * say how many changes of each kind the committed transactions made.
 */
@NullMarked
package io.kappacdc.chaos.workload;

import org.jspecify.annotations.NullMarked;
