package io.kappacdc.benchmarks.scale;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** What is varied, and the values that it takes. */
enum Dimension {
  LOAD("changes/s", List.of(1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 30_000)) {
    @Override
    Point point(int value) {
      return Point.of(this, value, value, Workload.funds());
    }
  },
  TABLE_ROWS("rows in the table", List.of(100_000, 1_000_000, 5_000_000, 20_000_000)) {
    @Override
    Point point(int value) {
      return Point.of(this, value, 5_000, Workload.funds()).withRows(value);
    }
  },
  TABLES("tables", List.of(1, 10, 50, 200)) {
    @Override
    Point point(int value) {
      return Point.of(this, value, 2_000, Workload.plain(value, 100, 10));
    }
  },
  ROW_WIDTH("bytes a row", List.of(100, 1_000, 10_000)) {
    @Override
    Point point(int value) {
      return Point.of(this, value, 1_000, Workload.plain(1, value, 100));
    }
  },
  TRANSACTION_ROWS("changes a transaction", List.of(1, 10, 100, 1_000, 10_000)) {
    @Override
    Point point(int value) {
      return Point.of(this, value, 2_000, Workload.plain(1, 100, value));
    }
  },
  PARTITIONS("partitions of a topic", List.of(1, 2, 4, 8)) {
    @Override
    Point point(int value) {
      return Point.of(this, value, 5_000, Workload.funds())
          .with(Map.of("KAPPA_KAFKA_PARTITIONS", Integer.toString(value)));
    }
  },
  SPARK_CORES("tasks of Spark at once", List.of(1, 2, 4)) {
    @Override
    Point point(int value) {
      return Point.of(this, value, 5_000, Workload.funds())
          .with(Map.of("KAPPA_PROCESSOR_MASTER", "local[" + value + "]"));
    }
  };

  private final String unit;
  private final List<Integer> steps;

  /**
   * What the pipeline's cores may grow with.
   *
   * @param unit of it
   * @param amount of it at a point
   */
  record Driver(String unit, double amount) {}

  /** What grows with this dimension and may cost cores; empty where nothing does. */
  Optional<Driver> driver(int value, double changesPerSecond) {
    return switch (this) {
      case LOAD -> Optional.of(new Driver("thousand changes/s", changesPerSecond / 1e3));
      case TABLE_ROWS -> Optional.of(new Driver("million rows in the table", value / 1e6));
      case TABLES -> Optional.of(new Driver("tables", value));
      case ROW_WIDTH -> Optional.of(new Driver("MB of rows/s", value * changesPerSecond / 1e6));
      case TRANSACTION_ROWS ->
          Optional.of(new Driver("thousand transactions/s", changesPerSecond / value / 1e3));
      case PARTITIONS, SPARK_CORES -> Optional.empty();
    };
  }

  Dimension(String unit, List<Integer> steps) {
    this.unit = unit;
    this.steps = steps;
  }

  abstract Point point(int value);

  String unit() {
    return unit;
  }

  /** In ascending order. */
  List<Integer> steps() {
    return steps;
  }

  /** How a run is to be made. */
  record Point(
      Dimension dimension,
      int value,
      int changesPerSecond,
      int rows,
      Workload workload,
      Map<String, String> environment) {
    private static final int ROWS = 200_000;

    private static Point of(Dimension dimension, int value, int rate, Workload workload) {
      int rows = workload.tables() > 1 ? ROWS / workload.tables() : ROWS;
      return new Point(dimension, value, rate, rows, workload, Map.of());
    }

    private Point withRows(int count) {
      return new Point(dimension, value, changesPerSecond, count, workload, environment);
    }

    private Point with(Map<String, String> settings) {
      return new Point(dimension, value, changesPerSecond, rows, workload, settings);
    }

    @Override
    public String toString() {
      return "%s %,d".formatted(dimension.unit, value);
    }
  }

  /**
   * What is written to the source.
   *
   * @param spec the name of a workload, or the text of one
   */
  record Workload(String spec, int tables, boolean isText) {
    private static Workload funds() {
      return new Workload("funds", 1, false);
    }

    /** Tables of an id and a text that does not compress, with 40 % inserts and as many updates. */
    private static Workload plain(int tables, int bytes, int changes) {
      StringBuilder text = new StringBuilder("description: generated\ntables:\n");
      IntStream.range(0, tables)
          .forEach(
              i ->
                  text.append(
                      """
                        public.scale_%d:
                          update: [payload]
                          columns:
                            id: {type: bigserial, value: key}
                            payload: {type: text, value: noise, length: %d..%d}
                      """
                          .formatted(i, bytes, bytes)));
      text.append(
          "transactions:\n  - {name: change, rows: %d, mix: 40/40/20}\n".formatted(changes));
      return new Workload(text.toString(), tables, true);
    }
  }
}
