/** Tests of {@code kappa doctor} on real servers. */
@NullMarked
package io.kappacdc.cli.doctor;

import org.jspecify.annotations.NullMarked;
