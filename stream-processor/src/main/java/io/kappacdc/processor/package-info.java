/**
 * The stream processor's commands and their wiring.
 *
 * <p>Reads: the configuration. Writes: {@code processor-status.json} in the home directory.
 * Guarantees: no logic of the data path lives here; {@link io.kappacdc.processor.Pipeline} shows
 * the whole wiring.
 */
@NullMarked
package io.kappacdc.processor;

import org.jspecify.annotations.NullMarked;
