/**
 * The console: a page for people, and the data that it shows.
 *
 * <p>Reads: what capture and processor say of themselves in their status files and metrics, the
 * catalogs and trails of the sink's database, the source's estimates of rows, the schemas topic,
 * the last verification's record. Writes: nothing but a line for each action; actions are
 * subcommands in processes of their own. Guarantees: databases are read in read-only transactions
 * that end after two seconds, two at a time; every answer is bounded; without the token nothing can
 * be changed.
 */
@NullMarked
package io.kappacdc.cli.console;

import org.jspecify.annotations.NullMarked;
