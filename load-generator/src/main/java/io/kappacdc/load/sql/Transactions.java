package io.kappacdc.load.sql;

import io.kappacdc.load.spec.TransactionSpec;
import io.kappacdc.load.spec.TransactionSpec.Mixed;
import io.kappacdc.load.spec.TransactionSpec.Scripted;
import io.kappacdc.load.spec.WorkloadSpec;
import java.util.List;
import java.util.SplittableRandom;

/** Which transaction has which number: its kind and size follow from number and seed alone. */
record Transactions(List<TransactionSpec> kinds, int shares, long seed) {
  private static final long SEED_FACTOR = 0xD1342543DE82EF95L;
  private static final long NUMBER_FACTOR = 0xAF251AF3B0F025B5L;

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
    SplittableRandom random =
        new SplittableRandom(mixed(seed * SEED_FACTOR + number * NUMBER_FACTOR));
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

  /**
   * MurmurHash3's last step. SplittableRandom adds the same constant to its seed at each draw, so
   * seeds that lie some of it apart would give transactions each other's numbers.
   */
  private static long mixed(long value) {
    long bits = (value ^ (value >>> 33)) * 0xFF51AFD7ED558CCDL;
    bits = (bits ^ (bits >>> 33)) * 0xC4CEB9FE1A85EC53L;
    return bits ^ (bits >>> 33);
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
