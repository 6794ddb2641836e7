/**
 * The demonstration: a stack of its own, a load on the fund tables, the stages side by side while
 * the changes pass through, then the proof and a report.
 *
 * <p>Reads: the source's load, Kafka, the sinks. Writes: the terminal, and a home directory of its
 * own that it empties first. Guarantees: figures are counted where they are shown for, not
 * inferred; success means that verification matched.
 */
@NullMarked
package io.kappacdc.cli.demo;

import org.jspecify.annotations.NullMarked;
