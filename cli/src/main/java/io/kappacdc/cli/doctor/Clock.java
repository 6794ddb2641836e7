package io.kappacdc.cli.doctor;

import java.sql.SQLException;

/** Whether a server's clock goes like this machine's: latency is counted from one to the other. */
final class Clock {
  private static final long SKEW_MAX_MILLIS = 1_000;

  private Clock() {}

  static void examine(String area, Catalog catalog, Findings findings) throws SQLException {
    String check = area + ".clock";
    long ahead = catalog.clockAheadMillis();
    if (Math.abs(ahead) > SKEW_MAX_MILLIS) {
      findings.advice(
          check,
          "its clock is %,.1f s %s this machine's"
              .formatted(Math.abs(ahead) / 1e3, ahead > 0 ? "ahead of" : "behind"),
          "Keep both by NTP: latencies and lags in seconds are wrong by that much.");
    } else {
      findings.ok(check, "its clock goes like this machine's");
    }
  }
}
