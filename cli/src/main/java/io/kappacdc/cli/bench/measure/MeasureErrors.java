package io.kappacdc.cli.bench.measure;

import io.kappacdc.runtime.KappaException;
import java.sql.SQLException;

/** Every error of this package that a user may see. */
final class MeasureErrors {
  private MeasureErrors() {}

  static KappaException noCommitTimes(SQLException cause) {
    return new KappaException(
        "The rows of the PostgreSQL trail cannot be timed",
        "the sink does not keep the times of commits",
        "Run ALTER SYSTEM SET track_commit_timestamp = on at the sink, and restart that server.",
        cause);
  }

  static KappaException lakeElsewhere(String path) {
    return new KappaException(
        "The Delta tables cannot be timed",
        "the lake is not on a local disk: " + path,
        "Run the benchmark on the machine that has the lake, with lake.path as a directory.");
  }
}
