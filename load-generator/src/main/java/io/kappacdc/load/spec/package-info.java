/**
 * What a workload does, as a YAML file says it.
 *
 * <p>Reads: shipped specs, files of the user. Writes: nothing. Guarantees: a spec that could be
 * read has no unknown key, and names only tables and columns that it has.
 */
@NullMarked
package io.kappacdc.load.spec;

import org.jspecify.annotations.NullMarked;
