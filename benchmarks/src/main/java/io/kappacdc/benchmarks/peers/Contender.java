package io.kappacdc.benchmarks.peers;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** A pipeline to be measured. */
interface Contender {
  String label();

  /** What it runs on, by artifact. */
  Map<String, String> versions();

  /** What is not its own default. */
  Map<String, String> settings();

  /** Where it is to begin. */
  enum Begin {
    /** With what is committed once it was prepared. */
    CHANGES("no_data"),
    /** With the rows that are there. */
    ROWS("initial");

    private final String snapshotMode;

    Begin(String snapshotMode) {
      this.snapshotMode = snapshotMode;
    }

    /** Debezium's {@code snapshot.mode}. */
    String snapshotMode() {
      return snapshotMode;
    }
  }

  /** Before the first change that it is to stream: whatever makes sure that it gets all of them. */
  void prepare(Testbed bed, Begin begin) throws SQLException, IOException, InterruptedException;

  /** Starts it; returns at once, the processes in the order to stop them. */
  List<PeerProcess> start(Testbed bed, Begin begin) throws SQLException, IOException;

  /** The stores it fills. */
  List<Destination> destinations(Testbed bed, Begin begin) throws SQLException;
}
