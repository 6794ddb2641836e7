/**
 * Real PostgreSQL and Kafka servers as processes of their own, for the demo, {@code kappa up},
 * tests and benchmarks.
 *
 * <p>Reads: the servers' jars, found through {@code local-stack/target/server-classpath.txt}; they
 * are never on the class path of the process that starts a server.
 *
 * <p>Writes: one directory a server (data, log, password, ports), and the unpacked PostgreSQL
 * programs in a directory that all servers share.
 *
 * <p>Guarantees: a server listens on the loopback interface only; two processes never run servers
 * on one directory; a server that was killed starts again on its data, on the same port unless
 * another took it; no server outlives the process that started it, unless the machine forbids to
 * find it.
 */
@NullMarked
package io.kappacdc.stack;

import org.jspecify.annotations.NullMarked;
