package io.kappacdc.processor.sql;

import io.kappacdc.event.Lsn;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;

/** The moment of the source that somebody asks for. */
sealed interface AskedMoment {
  /** The newest moment at or before an LSN. */
  record AtLsn(long lsn) implements AskedMoment {
    @Override
    public String toString() {
      return Lsn.format(lsn);
    }
  }

  /** The newest moment at or before a time of the source. */
  record AtTime(Instant time) implements AskedMoment {
    @Override
    public String toString() {
      return AskedMoment.text(time);
    }
  }

  /** The newest moment that trails and mirrors are complete at. */
  record Latest() implements AskedMoment {
    @Override
    public String toString() {
      return LATEST;
    }
  }

  String LATEST = "latest";

  DateTimeFormatter TIME =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd['T'][' ']HH:mm[:ss]")
          .optionalStart()
          .appendFraction(ChronoField.NANO_OF_SECOND, 1, 9, true)
          .optionalEnd()
          .appendPattern("[' '][XXX][XX][X]")
          .toFormatter(Locale.ROOT);

  DateTimeFormatter PRINTED =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSSx", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /**
   * Reads the argument of {@code --as-of-lsn}.
   *
   * @throws io.kappacdc.runtime.KappaException if it is neither an LSN nor {@code latest}
   */
  static AskedMoment lsn(String text) {
    if (text.equalsIgnoreCase(LATEST)) {
      return new Latest();
    }
    try {
      return new AtLsn(Lsn.parse(text));
    } catch (IllegalArgumentException e) {
      throw SqlErrors.notAnLsn(text);
    }
  }

  /**
   * Reads the argument of {@code --as-of-time}, UTC if it has no offset.
   *
   * @throws io.kappacdc.runtime.KappaException if it is no time
   */
  static AskedMoment time(String text) {
    try {
      TemporalAccessor parsed =
          TIME.parseBest(text.strip(), OffsetDateTime::from, LocalDateTime::from);
      return new AtTime(
          parsed instanceof OffsetDateTime offset
              ? offset.toInstant()
              : LocalDateTime.from(parsed).toInstant(ZoneOffset.UTC));
    } catch (DateTimeParseException e) {
      throw SqlErrors.notATime(text);
    }
  }

  /** A time as it is printed, which is also one of the forms that are read. */
  static String text(Instant time) {
    return PRINTED.format(time);
  }
}
