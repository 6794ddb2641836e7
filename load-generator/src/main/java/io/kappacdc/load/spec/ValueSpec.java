package io.kappacdc.load.spec;

import java.time.LocalDate;

/** How the values of a column are made. */
public sealed interface ValueSpec {
  /** The row's key, a number of the column's own sequence. */
  record Key() implements ValueSpec {}

  /** Follows from the key, so that it may be part of a primary key of several columns. */
  record KeyModulo(long of) implements ValueSpec {}

  /** The key of another table's row: of any that is never deleted, or of the newest. */
  record Reference(String table, Pick pick) implements ValueSpec {}

  /** Which row a reference takes. */
  enum Pick {
    ANY,
    /** The one that this session inserted last, in the open transaction perhaps. */
    NEWEST
  }

  /** Words, some of them not in ASCII. */
  record Words(Range length) implements ValueSpec {}

  /** Characters that do not compress, so that long values are stored out of line. */
  record Noise(Range length) implements ValueSpec {}

  /** Text with {@code {key}}, {@code {key36}} and {@code {hex}} (32 random digits) filled in. */
  record Template(String text) implements ValueSpec {}

  record Whole(Range range) implements ValueSpec {}

  /** Hundredths and the like: a whole number of the range, with the decimal point put in. */
  record Decimal(Range unscaled, int scale) implements ValueSpec {}

  record Day(LocalDate from, int days) implements ValueSpec {}

  /** The time of the change. */
  record Now() implements ValueSpec {}

  /** The time of the change in milliseconds since 1970. */
  record NowMillis() implements ValueSpec {}

  record Truth() implements ValueSpec {}

  record Uuid() implements ValueSpec {}

  record Bytes(Range length) implements ValueSpec {}

  /** A JSON document of so many values, nested by tens. */
  record Document(int fields) implements ValueSpec {}
}
