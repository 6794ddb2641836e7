/**
 * The commands that run the pipeline on one machine and tell how it does.
 *
 * <p>Reads: arguments, the configuration, the state of a running stack. Writes: the terminal.
 * Guarantees: exit code 0 only if the command did what it was asked for. The commands that need
 * Spark or Debezium are listed here and run elsewhere: the launcher starts their own programs.
 */
@NullMarked
package io.kappacdc.cli;

import org.jspecify.annotations.NullMarked;
