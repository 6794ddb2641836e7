/**
 * Training runs: programs that load what a role needs and end, so that the JVM can archive the
 * classes (class data sharing) and the role starts sooner.
 */
@NullMarked
package io.kappacdc.runtime.training;

import org.jspecify.annotations.NullMarked;
