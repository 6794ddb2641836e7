package io.kappacdc.cli.bench.measure;

import io.kappacdc.cli.config.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * How far a server's clock is from this program's.
 *
 * @param millis the server's minus ours
 * @param uncertaintyMillis half of the round trip that it was asked with
 */
public record ClockOffset(double millis, double uncertaintyMillis) {
  private static final int TRIES = 20;

  /** Of several tries, the one with the shortest round trip counts. */
  public static ClockOffset of(Database database) throws SQLException {
    ClockOffset best = new ClockOffset(0, Double.MAX_VALUE);
    try (Connection connection = database.connect();
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT (extract(epoch FROM clock_timestamp()) * 1e6)::bigint")) {
      for (int i = 0; i < TRIES; i++) {
        long before = Watch.nowMicros();
        try (ResultSet row = query.executeQuery()) {
          row.next();
          long after = Watch.nowMicros();
          double uncertainty = (after - before) / 2e3;
          if (uncertainty < best.uncertaintyMillis) {
            best = new ClockOffset((row.getLong(1) - (before + after) / 2.0) / 1e3, uncertainty);
          }
        }
      }
    }
    return best;
  }
}
