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

  /** Before the first change: whatever makes sure that it gets all of them. */
  void prepare(Testbed bed) throws SQLException, IOException, InterruptedException;

  /** Starts it; returns at once, the processes in the order to stop them. */
  List<PeerProcess> start(Testbed bed) throws SQLException, IOException;

  /** The stores it fills. */
  List<Destination> destinations(Testbed bed) throws SQLException;
}
