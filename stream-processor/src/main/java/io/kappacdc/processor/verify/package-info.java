/**
 * Proof of delivery: source, PostgreSQL trail, Delta trail and Delta mirror compared row by row at
 * one moment of the source, while writes go on.
 *
 * <p>Reads: the source's tables in the snapshot of a temporary replication slot, the cuts topic,
 * the trails, the mirror and their positions. Writes: one logical message into the source's WAL
 * (the fence), nothing else. Guarantees: {@link Verdict#MATCH} only if every row of every table
 * compared was found equal by value in every store; what could not be compared is {@link
 * Verdict#NOT_VERIFIED}, never a match; rows that differ are named by key.
 *
 * <p>How: {@link io.kappacdc.processor.verify.Fence} fixes an LSN F and a snapshot that sees
 * exactly what was committed up to F. Once every store has passed F, each is brought to its state
 * at F (a trail by folding its changes, the mirror by undoing what came after F) and offers itself
 * as a {@link io.kappacdc.processor.verify.TableDigestSource}; {@link
 * io.kappacdc.processor.verify.TableComparison} compares any two of those. The trails are also
 * compared with each other, change by change.
 */
@NullMarked
package io.kappacdc.processor.verify;

import org.jspecify.annotations.NullMarked;
