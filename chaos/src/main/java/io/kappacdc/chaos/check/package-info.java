/**
 * What became of the load's changes: an account of every place that holds them, at one moment of
 * the source, kept without the pipeline's own code as far as it goes.
 *
 * <p>Reads: the source's ledger, the topics, the PostgreSQL trail, the lake's Delta logs and files.
 * Writes: nothing. Guarantees: each change is looked at once, so that an account costs what has
 * happened since the one before.
 */
@NullMarked
package io.kappacdc.chaos.check;

import org.jspecify.annotations.NullMarked;
