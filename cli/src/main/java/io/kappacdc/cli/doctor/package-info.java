/**
 * {@code kappa doctor}: whether an installation is fit for production, looked at where it is.
 *
 * <p>Reads: the two databases' settings and catalogs, Kafka's settings, the directories, the status
 * files. Writes: nothing but a file in the lake's directory, gone at once. Guarantees: what cannot
 * be looked at is said to be unknown, never to be in order.
 */
@NullMarked
package io.kappacdc.cli.doctor;

import org.jspecify.annotations.NullMarked;
