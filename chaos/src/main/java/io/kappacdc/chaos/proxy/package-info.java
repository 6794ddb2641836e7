/**
 * A network that can fail: TCP proxies on the loopback interface that cut, refuse, delay and hold
 * back what passes.
 *
 * <p>Reads, writes: bytes between a client and a server. Guarantees: what it lets pass, it lets
 * pass in order and unchanged.
 */
@NullMarked
package io.kappacdc.chaos.proxy;

import org.jspecify.annotations.NullMarked;
