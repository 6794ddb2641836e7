package io.kappacdc.load.sql;

import io.kappacdc.load.spec.KeyChoice;
import java.util.random.RandomGenerator;

/** Picks one of n things. For one thread. */
interface KeySampler {
  /** A number from 0 to {@code size} - 1. */
  int pick(int size, RandomGenerator random);

  static KeySampler of(KeyChoice choice) {
    if (choice instanceof KeyChoice.Zipf zipf) {
      return new Zipf(zipf.exponent());
    }
    return choice instanceof KeyChoice.Sequential
        ? new OneAfterTheOther()
        : (size, random) -> random.nextInt(size);
  }

  /** From the first to the last, and again. */
  final class OneAfterTheOther implements KeySampler {
    private int next;

    @Override
    public int pick(int size, RandomGenerator random) {
      next = next >= size ? 0 : next;
      return next++;
    }
  }

  /**
   * Zipf's distribution by rejection-inversion (Hörmann and Derflinger, 1996), which needs no table
   * and so takes any number of keys, and another one each time.
   */
  final class Zipf implements KeySampler {
    private final double exponent;
    private final double integralOfFirst;
    private final double certain;

    Zipf(double exponent) {
      this.exponent = exponent;
      this.integralOfFirst = integral(1.5) - 1;
      this.certain = 2 - inverse(integral(2.5) - density(2));
    }

    @Override
    public int pick(int size, RandomGenerator random) {
      double integralOfLast = integral(size + 0.5);
      while (true) {
        double u = integralOfLast + random.nextDouble() * (integralOfFirst - integralOfLast);
        double x = inverse(u);
        int rank = (int) Math.max(1, Math.min(size, Math.round(x)));
        if (rank - x <= certain || u >= integral(rank + 0.5) - density(rank)) {
          return rank - 1;
        }
      }
    }

    private double density(double x) {
      return Math.exp(-exponent * Math.log(x));
    }

    /** The integral of the density up to x, but for a constant. */
    private double integral(double x) {
      double logX = Math.log(x);
      double t = (1 - exponent) * logX;
      return (Math.abs(t) > 1e-8 ? Math.expm1(t) / t : 1 + t / 2) * logX;
    }

    private double inverse(double integral) {
      double t = Math.max(-1, integral * (1 - exponent));
      return Math.exp((Math.abs(t) > 1e-8 ? Math.log1p(t) / t : 1 - t / 2) * integral);
    }
  }
}
