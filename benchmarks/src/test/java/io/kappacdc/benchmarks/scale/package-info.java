@NullMarked
package io.kappacdc.benchmarks.scale;

import org.jspecify.annotations.NullMarked;
