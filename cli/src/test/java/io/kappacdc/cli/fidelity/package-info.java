/** Random tables of every type through the whole product, as a user runs it. */
@NullMarked
package io.kappacdc.cli.fidelity;

import org.jspecify.annotations.NullMarked;
