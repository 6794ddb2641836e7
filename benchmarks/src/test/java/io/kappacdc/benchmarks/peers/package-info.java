@NullMarked
package io.kappacdc.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
