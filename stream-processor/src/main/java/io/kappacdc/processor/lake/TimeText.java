package io.kappacdc.processor.lake;

import java.time.LocalDate;

/**
 * PostgreSQL's ISO text of dates and timestamps, without garbage: these run once for each value.
 * Years 1 to 9999 only: everything else has no typed value in the lake.
 */
final class TimeText {
  /** What parsing returns for infinity, BC, years beyond 9999 and anything that is no such text. */
  static final long DOES_NOT_FIT = Long.MIN_VALUE;

  private static final long MICROS_PER_SECOND = 1_000_000L;
  private static final long SECONDS_PER_DAY = 86_400L;
  private static final int DATE_LENGTH = 10;
  private static final int DATE_TIME_LENGTH = 19;

  private TimeText() {}

  /** Days since 1970-01-01 of {@code 2024-01-02}, or {@link #DOES_NOT_FIT}. */
  static long parseDate(String text) {
    return text.length() == DATE_LENGTH ? date(text) : DOES_NOT_FIT;
  }

  private static long date(String text) {
    int year = digits(text, 0, 4);
    int month = digits(text, 5, 7);
    int day = digits(text, 8, 10);
    boolean valid =
        year >= 1
            && month >= 1
            && month <= 12
            && day >= 1
            && day <= 31
            && text.charAt(4) == '-'
            && text.charAt(7) == '-';
    return valid ? daysFromCivil(year, month, day) : DOES_NOT_FIT;
  }

  /** Microseconds of {@code 2024-01-02 03:04:05.123456}, or {@link #DOES_NOT_FIT}. */
  static long parseTimestamp(String text) {
    long micros = dateTime(text);
    return micros != DOES_NOT_FIT && fractionEnd(text) == text.length() ? micros : DOES_NOT_FIT;
  }

  /**
   * Microseconds since 1970-01-01T00:00:00Z of {@code 2024-01-02 03:04:05.123456+00}, with an
   * offset of hours, minutes and seconds; or {@link #DOES_NOT_FIT}.
   */
  static long parseTimestampWithZone(String text) {
    long local = dateTime(text);
    if (local == DOES_NOT_FIT) {
      return DOES_NOT_FIT;
    }
    int at = fractionEnd(text);
    int length = text.length() - at;
    if (length != 3 && length != 6 && length != 9) {
      return DOES_NOT_FIT;
    }
    int hours = digits(text, at + 1, at + 3);
    int minutes = length > 3 ? digits(text, at + 4, at + 6) : 0;
    int seconds = length > 6 ? digits(text, at + 7, at + 9) : 0;
    char sign = text.charAt(at);
    if (hours < 0 || minutes < 0 || seconds < 0 || sign != '+' && sign != '-') {
      return DOES_NOT_FIT;
    }
    long offset = (hours * 3_600L + minutes * 60L + seconds) * MICROS_PER_SECOND;
    return sign == '+' ? local - offset : local + offset;
  }

  private static long dateTime(String text) {
    if (text.length() < DATE_TIME_LENGTH
        || text.charAt(10) != ' '
        || text.charAt(13) != ':'
        || text.charAt(16) != ':') {
      return DOES_NOT_FIT;
    }
    long days = date(text);
    int hour = digits(text, 11, 13);
    int minute = digits(text, 14, 16);
    int second = digits(text, 17, 19);
    if (days == DOES_NOT_FIT || hour < 0 || minute < 0 || second < 0) {
      return DOES_NOT_FIT;
    }
    long micros =
        (days * SECONDS_PER_DAY + hour * 3_600L + minute * 60L + second) * MICROS_PER_SECOND;
    long unit = MICROS_PER_SECOND / 10;
    for (int i = DATE_TIME_LENGTH + 1; i < fractionEnd(text); i++, unit /= 10) {
      micros += (text.charAt(i) - '0') * unit;
    }
    return micros;
  }

  /** Index after the seconds and their fraction. */
  private static int fractionEnd(String text) {
    int end = DATE_TIME_LENGTH;
    if (end < text.length() && text.charAt(end) == '.') {
      end++;
      while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
        end++;
      }
    }
    return end;
  }

  private static int digits(String text, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  /** PostgreSQL's text of a timestamp; trailing zeros of the fraction are left out. */
  static String timestamp(long micros) {
    long seconds = Math.floorDiv(micros, MICROS_PER_SECOND);
    int fraction = (int) Math.floorMod(micros, MICROS_PER_SECOND);
    long secondOfDay = Math.floorMod(seconds, SECONDS_PER_DAY);
    StringBuilder text = new StringBuilder(32);
    text.append(LocalDate.ofEpochDay(Math.floorDiv(seconds, SECONDS_PER_DAY)));
    pad(text.append(' '), secondOfDay / 3_600);
    pad(text.append(':'), secondOfDay / 60 % 60);
    pad(text.append(':'), secondOfDay % 60);
    if (fraction != 0) {
      text.append('.').append(Integer.toString((int) MICROS_PER_SECOND + fraction), 1, 7);
      while (text.charAt(text.length() - 1) == '0') {
        text.setLength(text.length() - 1);
      }
    }
    return text.toString();
  }

  private static void pad(StringBuilder text, long twoDigits) {
    if (twoDigits < 10) {
      text.append('0');
    }
    text.append(twoDigits);
  }

  /** Howard Hinnant's days_from_civil, in the proleptic Gregorian calendar that both sides use. */
  private static long daysFromCivil(int civilYear, int month, int day) {
    int year = month <= 2 ? civilYear - 1 : civilYear;
    int era = year / 400;
    int yearOfEra = year - era * 400;
    int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146_097L + dayOfEra - 719_468L;
  }
}
