package io.kappacdc.load.spec;

import io.kappacdc.load.Mix;
import java.util.List;

/** A kind of transaction. */
public sealed interface TransactionSpec {
  String name();

  /** How often it occurs, beside the other kinds' shares. */
  int share();

  /** Row changes, on average. */
  double meanRows();

  /** Row changes at most. */
  long maxRows();

  /**
   * Changes of rows of these tables, by their weights.
   *
   * @param rows row changes of a transaction
   */
  record Mixed(String name, int share, Range rows, Mix mix, List<String> tables)
      implements TransactionSpec {
    public Mixed {
      tables = List.copyOf(tables);
    }

    @Override
    public double meanRows() {
      return rows.mean();
    }

    @Override
    public long maxRows() {
      return rows.to();
    }
  }

  /** Steps one after the other. */
  record Scripted(String name, int share, List<Step> steps) implements TransactionSpec {
    public Scripted {
      steps = List.copyOf(steps);
    }

    @Override
    public double meanRows() {
      return steps.stream().mapToDouble(step -> step.rows().mean()).sum();
    }

    @Override
    public long maxRows() {
      return steps.stream().mapToLong(step -> step.rows().to()).sum();
    }
  }

  /** One kind of change to rows of one table. */
  record Step(Mix.Kind kind, String table, Range rows) {}
}
