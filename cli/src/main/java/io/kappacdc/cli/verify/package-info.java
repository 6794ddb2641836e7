/**
 * Runs {@code kappa verify} on a running stack: at the end of a demo, and after capture has read
 * all tables anew because it could not go on without a gap.
 */
@NullMarked
package io.kappacdc.cli.verify;

import org.jspecify.annotations.NullMarked;
