package io.kappacdc.load.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kappacdc.load.Mix;
import io.kappacdc.load.spec.WorkloadSpecs;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionsTest {
  private static final int TRANSACTIONS = 500;
  private static final int ROWS = 100;

  private static Transactions funds(long seed) {
    return Transactions.of(WorkloadSpecs.load("funds"), seed);
  }

  @ParameterizedTest
  @ValueSource(longs = {-7, 0, 1, 2, 42})
  void noTextOfATransactionIsAnotherOnes(long seed) {
    Transactions transactions = funds(seed);
    Set<String> texts = new HashSet<>();

    for (long number = 0; number < TRANSACTIONS; number++) {
      SplittableRandom random = transactions.plan(number).random();
      for (int row = 0; row < ROWS; row++) {
        texts.add(ValueBinder.filled("{hex}", row, random));
      }
    }

    assertThat(texts).hasSize(TRANSACTIONS * ROWS);
  }

  @ParameterizedTest
  @ValueSource(longs = {-7, 0, 1, 2, 42})
  void theMixIsTheOneThatIsWanted(long seed) {
    Transactions transactions = funds(seed);
    Mix mix = new Mix(60, 30, 10);
    Map<Mix.Kind, Integer> drawn = new EnumMap<>(Mix.Kind.class);

    for (long number = 0; number < TRANSACTIONS; number++) {
      SplittableRandom random = transactions.plan(number).random();
      for (int row = 0; row < ROWS; row++) {
        drawn.merge(mix.pick(random), 1, Integer::sum);
      }
    }

    isShare(0.6, drawn.get(Mix.Kind.INSERT));
    isShare(0.3, drawn.get(Mix.Kind.UPDATE));
    isShare(0.1, drawn.get(Mix.Kind.DELETE));
  }

  /** Within four standard deviations of a binomial variable. */
  private static void isShare(double share, int drawn) {
    double all = TRANSACTIONS * ROWS;
    assertThat((double) drawn)
        .isCloseTo(all * share, within(4 * Math.sqrt(all * share * (1 - share))));
  }
}
