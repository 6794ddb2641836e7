package io.kappacdc.load.sql;

import io.kappacdc.load.spec.TransactionSpec;
import io.kappacdc.load.spec.TransactionSpec.Mixed;
import io.kappacdc.load.spec.TransactionSpec.Scripted;
import io.kappacdc.load.spec.WorkloadSpec;
import java.util.List;
import java.util.SplittableRandom;

/** Which transaction has which number: its kind and size follow from number and seed alone. */
record Transactions(List<TransactionSpec> kinds, int shares, long seed) {
  private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

  /**
   * What a transaction is to do.
   *
   * @param rows for each step how many rows; a mixed transaction has one step
   * @param random for everything else that is drawn for it
   */
  record Plan(TransactionSpec kind, int[] rows, SplittableRandom random) {
    int total() {
      int total = 0;
      for (int step : rows) {
        total += step;
      }
      return total;
    }
  }

  static Transactions of(WorkloadSpec spec, long seed) {
    List<TransactionSpec> kinds = spec.transactions();
    return new Transactions(kinds, kinds.stream().mapToInt(TransactionSpec::share).sum(), seed);
  }

  Plan plan(long number) {
    SplittableRandom random = new SplittableRandom(seed ^ (number + 1) * GOLDEN_RATIO);
    TransactionSpec kind = kind(random);
    int[] rows;
    if (kind instanceof Mixed mixed) {
      rows = new int[] {(int) mixed.rows().pick(random)};
    } else {
      Scripted scripted = (Scripted) kind;
      rows = new int[scripted.steps().size()];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = (int) scripted.steps().get(i).rows().pick(random);
      }
    }
    return new Plan(kind, rows, random);
  }

  private TransactionSpec kind(SplittableRandom random) {
    if (kinds.size() == 1) {
      return kinds.get(0);
    }
    int drawn = random.nextInt(shares);
    for (TransactionSpec kind : kinds) {
      drawn -= kind.share();
      if (drawn < 0) {
        return kind;
      }
    }
    throw new IllegalStateException("The shares do not add up");
  }
}
