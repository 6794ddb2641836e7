/**
 * What a run has shown: a table of faults, for people and for programs.
 *
 * <p>Reads: the outcome of each fault. Writes: text, Markdown, JSON.
 */
@NullMarked
package io.kappacdc.chaos.report;

import org.jspecify.annotations.NullMarked;
