/**
 * What capture and processor show of themselves to operators.
 *
 * <p>Reads: what the processes tell it, in memory. Writes: {@code /metrics}, {@code /health},
 * {@code /livez} and {@code /readyz} over HTTP. Guarantees: every name and label of a metric is
 * declared here, so that alerts, dashboards and documents can be held against them; no label has
 * more than a bounded number of values; nothing here waits for a server, or for the data path.
 */
@NullMarked
package io.kappacdc.telemetry;

import org.jspecify.annotations.NullMarked;
