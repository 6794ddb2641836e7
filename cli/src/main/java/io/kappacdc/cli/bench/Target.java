package io.kappacdc.cli.bench;

import java.time.Duration;
import java.util.Optional;

/**
 * How soon changes are to be visible in a store.
 *
 * @param sink the store's name, such as postgres-trail
 */
public record Target(String sink, Optional<Duration> p50, Optional<Duration> p99) {}
