package io.kappacdc.load.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kappacdc.load.spec.KeyChoice;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeySamplerTest {
  private static final int SIZE = 100;
  private static final int DRAWS = 400_000;

  private static double[] shares(KeyChoice choice) {
    KeySampler sampler = KeySampler.of(choice);
    SplittableRandom random = new SplittableRandom(7);
    double[] shares = new double[SIZE];
    for (int i = 0; i < DRAWS; i++) {
      shares[sampler.pick(SIZE, random)] += 1.0 / DRAWS;
    }
    return shares;
  }

  @Test
  void uniformGivesEveryKeyTheSameChance() {
    for (double share : shares(KeyChoice.UNIFORM)) {
      assertThat(share).isCloseTo(1.0 / SIZE, within(0.001));
    }
  }

  @Test
  void sequentialTakesEveryKeyInTurn() {
    KeySampler sampler = KeySampler.of(new KeyChoice.Sequential());

    assertThat(IntStream.range(0, 7).map(i -> sampler.pick(3, new SplittableRandom(1))))
        .containsExactly(0, 1, 2, 0, 1, 2, 0);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.99, 1.0, 2.0})
  void zipfFollowsItsFormula(double exponent) {
    double sum =
        DoubleStream.iterate(1, r -> r + 1).limit(SIZE).map(r -> Math.pow(r, -exponent)).sum();

    double[] shares = shares(new KeyChoice.Zipf(exponent));

    for (int rank = 1; rank <= SIZE; rank++) {
      double expected = Math.pow(rank, -exponent) / sum;
      // Five standard deviations of the share of a binomial variable.
      double tolerance = 5 * Math.sqrt(expected * (1 - expected) / DRAWS);
      assertThat(shares[rank - 1]).as("rank %s", rank).isCloseTo(expected, within(tolerance));
    }
  }

  @Test
  void zipfTakesAnotherNumberOfKeysEachTime() {
    KeySampler sampler = KeySampler.of(new KeyChoice.Zipf(0.99));
    SplittableRandom random = new SplittableRandom(7);

    for (int size = 1; size < 2_000; size++) {
      assertThat(sampler.pick(size, random)).isBetween(0, size - 1);
    }
  }

  @Test
  void aBagGivesItsKeysBackOldestFirst() {
    KeyBag bag = new KeyBag();
    for (long key = 1; key <= 3_000; key++) {
      bag.add(key);
      if (key % 3 == 0) {
        assertThat(bag.removeOldest()).isEqualTo(key / 3);
      }
    }

    assertThat(bag.size()).isEqualTo(2_000);
    assertThat(bag.get(0)).isEqualTo(1_001);
    assertThat(bag.newest()).isEqualTo(3_000);
    assertThat(bag.remove(0)).isEqualTo(1_001);
    assertThat(bag.get(0)).isEqualTo(3_000);
    assertThat(bag.newest()).isEqualTo(2_999);
  }
}
