/**
 * The one configuration of all roles, {@code kappa.yaml}: strict, typed, documented where it is
 * declared.
 *
 * <p>Reads: YAML files, the environment, values of command-line flags. Writes: nothing. Guarantees:
 * an unknown key or a bad value never passes; all problems are reported at once, each with its path
 * and, for a near miss, the key that was meant.
 */
@NullMarked
package io.kappacdc.runtime.config;

import org.jspecify.annotations.NullMarked;
