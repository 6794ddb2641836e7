package io.kappacdc.benchmarks.scale;

import java.util.Arrays;

/**
 * A straight line through points, by least squares.
 *
 * @param intercept where it begins
 * @param slope what one more costs
 * @param share of the points' variance that it explains, 0 to 1
 */
record LinearFit(double intercept, double slope, double share) {
  /**
   * @throws IllegalArgumentException if there are fewer than two different points
   */
  static LinearFit of(double[] x, double[] y) {
    int count = x.length;
    double meanX = Arrays.stream(x).average().orElse(0);
    double meanY = Arrays.stream(y).average().orElse(0);
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (int i = 0; i < count; i++) {
      xx += (x[i] - meanX) * (x[i] - meanX);
      xy += (x[i] - meanX) * (y[i] - meanY);
      yy += (y[i] - meanY) * (y[i] - meanY);
    }
    if (xx == 0) {
      throw new IllegalArgumentException("A line needs two points that differ, not " + count);
    }
    double slope = xy / xx;
    return new LinearFit(meanY - slope * meanX, slope, yy == 0 ? 1 : xy * xy / (xx * yy));
  }

  /** Where the line is at {@code x}. */
  double at(double x) {
    return intercept + slope * x;
  }
}
