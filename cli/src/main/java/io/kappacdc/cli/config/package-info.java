/**
 * The effective configuration as values by path, to be handed to other processes and to be shown.
 *
 * <p>Reads: the bound configuration. Writes: nothing. Guarantees: what {@link
 * io.kappacdc.cli.config.ConfigValues#masked} returns has no secret in it.
 */
@NullMarked
package io.kappacdc.cli.config;

import org.jspecify.annotations.NullMarked;
