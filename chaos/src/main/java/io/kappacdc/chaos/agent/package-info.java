/**
 * What runs inside capture and processor during a run: a Java agent that puts points of failure
 * around the calls by which they write, and can break one of their mechanisms. The programs
 * themselves know nothing of it. Its jar has this package and Byte Buddy under another name.
 *
 * <p>Reads: the orders in a directory. Writes: there, which order it has carried out. Guarantees:
 * an order is carried out once, also across the process's own death.
 */
@NullMarked
package io.kappacdc.chaos.agent;

import org.jspecify.annotations.NullMarked;
