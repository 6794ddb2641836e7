package io.kappacdc.capture;

import io.kappacdc.capture.CaptureStatus.Phase;
import io.kappacdc.capture.CaptureStatus.Slot;
import io.kappacdc.capture.CaptureStatus.Snapshot;
import io.kappacdc.telemetry.Health;
import io.kappacdc.telemetry.Health.Dependency;
import io.kappacdc.telemetry.Health.Figures;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** What capture says of itself to operators, from its status alone. Thread-safe. */
final class CaptureHealth {
  /** A stream that works brings at least a sign of life every heartbeat interval. */
  private static final Duration SILENCE_MAX = Duration.ofMinutes(1);

  private final CaptureStatus status;
  private final Duration silenceMax;
  private final Instant startedAt;

  CaptureHealth(CaptureStatus status, Duration heartbeatInterval) {
    this.status = status;
    this.silenceMax = SILENCE_MAX.plus(heartbeatInterval.multipliedBy(3));
    this.startedAt = status.clock().instant();
  }

  Health health() {
    Snapshot now = status.snapshot();
    Instant at = status.clock().instant();
    Map<String, Dependency> dependencies = new LinkedHashMap<>();
    dependencies.put("source", status.source().dependency());
    dependencies.put("kafka", status.kafka().dependency());
    dependencies.put("stream", stream(now, at));
    Slot slot = now.slot();
    if (slot != null) {
      dependencies.put(
          "slot", slot.warning() == null ? Dependency.up() : Dependency.degraded(slot.warning()));
    }
    double lag = CaptureMetrics.lagSeconds(now, at);
    return new Health(
        "capture",
        now.phase().name(),
        now.phase() == Phase.STREAMING,
        startedAt,
        dependencies,
        new Figures(
            now.publishedAt(),
            now.events(),
            status.errors().perMinute(),
            null,
            Double.isNaN(lag) ? null : (Double) lag));
  }

  private Dependency stream(Snapshot now, Instant at) {
    return switch (now.phase()) {
      case STARTING -> Dependency.degraded("capture is starting");
      case SNAPSHOT -> Dependency.up();
      case STREAMING -> {
        Instant published = now.publishedAt();
        Duration silence = published == null ? Duration.ZERO : Duration.between(published, at);
        yield silence.compareTo(silenceMax) > 0
            ? Dependency.degraded("nothing was published for " + silence.toSeconds() + " s")
            : Dependency.up();
      }
      case RETRYING ->
          Dependency.down("an attempt failed, the next one is due: " + now.lastErrorKind());
      case STOPPED -> Dependency.down("capture has stopped");
      case FAILED -> Dependency.down("capture has failed: " + now.lastErrorKind());
    };
  }
}
