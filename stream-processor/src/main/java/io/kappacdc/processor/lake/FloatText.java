package io.kappacdc.processor.lake;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL's output of {@code real} and {@code double precision}: the shortest decimal that lies
 * strictly between the midpoints to the value's neighbours, and of those the nearest to the value.
 * Java 17's own text is neither always the shortest nor always the nearest.
 */
final class FloatText {
  private static final BigDecimal TWO = BigDecimal.valueOf(2);
  private static final int DOUBLE_FIXED_DIGITS = 15;
  private static final int FLOAT_FIXED_DIGITS = 6;

  private FloatText() {}

  static @Nullable String format(@Nullable Double value) {
    if (value == null) {
      return null;
    }
    double magnitude = Math.abs(value);
    if (value.isNaN() || Double.isInfinite(magnitude) || magnitude == 0) {
      return special(value);
    }
    double above = Math.nextUp(magnitude);
    BigDecimal exact = new BigDecimal(magnitude);
    BigDecimal low = midpoint(exact, new BigDecimal(Math.nextDown(magnitude)));
    BigDecimal high =
        Double.isInfinite(above)
            ? exact.add(exact.subtract(low))
            : midpoint(exact, new BigDecimal(above));
    int digits = new BigDecimal(Double.toString(magnitude)).stripTrailingZeros().precision();
    return sign(value) + print(shortest(exact, low, high, digits), DOUBLE_FIXED_DIGITS);
  }

  static @Nullable String format(@Nullable Float value) {
    if (value == null) {
      return null;
    }
    float magnitude = Math.abs(value);
    if (value.isNaN() || Float.isInfinite(magnitude) || magnitude == 0) {
      return special(value);
    }
    float above = Math.nextUp(magnitude);
    BigDecimal exact = new BigDecimal(magnitude);
    BigDecimal low = midpoint(exact, new BigDecimal(Math.nextDown(magnitude)));
    BigDecimal high =
        Float.isInfinite(above)
            ? exact.add(exact.subtract(low))
            : midpoint(exact, new BigDecimal(above));
    int digits = new BigDecimal(Float.toString(magnitude)).stripTrailingZeros().precision();
    return sign(value) + print(shortest(exact, low, high, digits), FLOAT_FIXED_DIGITS);
  }

  private static String special(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    return sign(value) + (value == 0 ? "0" : "Infinity");
  }

  private static String sign(double value) {
    return Double.doubleToRawLongBits(value) < 0 ? "-" : "";
  }

  private static BigDecimal midpoint(BigDecimal a, BigDecimal b) {
    return a.add(b).divide(TWO);
  }

  private static BigDecimal shortest(
      BigDecimal exact, BigDecimal low, BigDecimal high, int digitsGuess) {
    int digits = digitsGuess;
    BigDecimal best = nearestInside(exact, low, high, digits);
    while (best == null) {
      best = nearestInside(exact, low, high, ++digits);
    }
    BigDecimal shorter = best;
    while (shorter != null && digits > 1) {
      best = shorter;
      shorter = nearestInside(exact, low, high, --digits);
    }
    return (shorter == null ? best : shorter).stripTrailingZeros();
  }

  /** The nearest decimal of so many digits; below a power of two the interval is narrower. */
  private static @Nullable BigDecimal nearestInside(
      BigDecimal exact, BigDecimal low, BigDecimal high, int digits) {
    BigDecimal nearest = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
    if (isInside(nearest, low, high)) {
      return nearest;
    }
    RoundingMode away = nearest.compareTo(exact) < 0 ? RoundingMode.UP : RoundingMode.DOWN;
    BigDecimal other = exact.round(new MathContext(digits, away));
    return isInside(other, low, high) ? other : null;
  }

  private static boolean isInside(BigDecimal value, BigDecimal low, BigDecimal high) {
    return value.compareTo(low) > 0 && value.compareTo(high) < 0;
  }

  private static String print(BigDecimal value, int fixedDigits) {
    String digits = value.unscaledValue().toString();
    int exponent = digits.length() - 1 - value.scale();
    if (exponent >= -4 && exponent < fixedDigits) {
      return value.toPlainString();
    }
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    int magnitude = Math.abs(exponent);
    return mantissa + (exponent < 0 ? "e-" : "e+") + (magnitude < 10 ? "0" : "") + magnitude;
  }
}
