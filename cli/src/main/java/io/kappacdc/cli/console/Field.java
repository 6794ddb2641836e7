package io.kappacdc.cli.console;

import java.util.ArrayList;
import java.util.List;

/**
 * A figure of each point in time.
 *
 * @param name as the page has it, {@code capture.rate} or {@code delta-trail.p99}
 * @param fold how several points become one
 */
record Field(String name, Fold fold) {
  enum Fold {
    MEAN,
    SUM,
    MAX
  }

  static final List<String> SINKS = List.of("postgres-trail", "delta-trail", "delta-mirror");
  static final List<String> PHASES = List.of("plan", "write", "moment");

  /** All, in the order of a point's values. */
  static final List<Field> ALL = all();

  private static List<Field> all() {
    List<Field> fields = new ArrayList<>();
    fields.add(new Field("capture.rate", Fold.MEAN)); // changes a second
    fields.add(new Field("capture.bytes", Fold.MEAN)); // bytes a second
    fields.add(new Field("capture.lag", Fold.MAX)); // seconds
    fields.add(new Field("slot.held", Fold.MAX)); // bytes
    for (String sink : SINKS) {
      fields.add(new Field(sink + ".rate", Fold.MEAN));
      fields.add(new Field(sink + ".lagEvents", Fold.MAX));
      fields.add(new Field(sink + ".lag", Fold.MAX));
      fields.add(new Field(sink + ".p50", Fold.MAX)); // seconds
      fields.add(new Field(sink + ".p99", Fold.MAX));
      fields.add(new Field(sink + ".batches", Fold.SUM));
      PHASES.forEach(phase -> fields.add(new Field(sink + '.' + phase, Fold.SUM))); // seconds
    }
    return List.copyOf(fields);
  }

  static int index(String name) {
    for (int i = 0; i < ALL.size(); i++) {
      if (ALL.get(i).name().equals(name)) {
        return i;
      }
    }
    throw new IllegalArgumentException("There is no figure " + name);
  }
}
