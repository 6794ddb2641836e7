/**
 * {@code kappa types}: what arrives as what.
 *
 * <p>Reads: the source's catalog. Writes: the terminal. Guarantees: names the types that the stores
 * use, since it asks the same code as they do.
 */
@NullMarked
package io.kappacdc.processor.types;

import org.jspecify.annotations.NullMarked;
