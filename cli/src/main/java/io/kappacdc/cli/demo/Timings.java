package io.kappacdc.cli.demo;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** How long each phase took since the program's start. */
final class Timings {
  private final Clock clock;
  private final Instant start;
  private final Map<String, Duration> phases = new LinkedHashMap<>();
  private Instant phaseStart;

  Timings(Clock clock, Instant start) {
    this.clock = clock;
    this.start = start;
    this.phaseStart = start;
  }

  /** The phase that has just ended. */
  void ended(String phase) {
    Instant now = clock.instant();
    phases.put(phase, Duration.between(phaseStart, now));
    phaseStart = now;
  }

  double secondsAt(Instant moment) {
    return Duration.between(start, moment).toMillis() / 1e3;
  }

  double secondsNow() {
    return secondsAt(clock.instant());
  }

  @Override
  public String toString() {
    return phases.entrySet().stream()
            .map(phase -> "%s %s".formatted(phase.getKey(), seconds(phase.getValue())))
            .collect(Collectors.joining(", "))
        + "; "
        + seconds(Duration.between(start, phaseStart))
        + " in all";
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1e3);
  }
}
