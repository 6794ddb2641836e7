package io.kappacdc.load.sql;

import io.kappacdc.load.spec.ColumnSpec;
import io.kappacdc.load.spec.Range;
import io.kappacdc.load.spec.ValueSpec;
import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.SplittableRandom;
import java.util.UUID;

/** Makes the values of one column. For one thread. */
@FunctionalInterface
interface ValueBinder {
  /** Sets the parameter {@code index} of a statement to a value for the row of that key. */
  void bind(PreparedStatement statement, int index, long key, SplittableRandom random)
      throws SQLException;

  /** Keys of other tables' rows. */
  interface References {
    long any(String table, SplittableRandom random);

    long newest(String table);
  }

  static ValueBinder of(ColumnSpec column, References references) {
    ValueBinder binder = of(column.value(), references);
    double nulls = column.nulls();
    if (nulls == 0) {
      return binder;
    }
    return (statement, index, key, random) -> {
      if (random.nextDouble() < nulls) {
        statement.setNull(index, Types.NULL);
      } else {
        binder.bind(statement, index, key, random);
      }
    };
  }

  private static ValueBinder of(ValueSpec value, References references) {
    if (value instanceof ValueSpec.Key) {
      return (s, i, key, r) -> s.setLong(i, key);
    } else if (value instanceof ValueSpec.KeyModulo modulo) {
      return (s, i, key, r) -> s.setLong(i, modulo(key, modulo));
    } else if (value instanceof ValueSpec.Reference reference) {
      return reference.pick() == ValueSpec.Pick.NEWEST
          ? (s, i, key, r) -> s.setLong(i, references.newest(reference.table()))
          : (s, i, key, r) -> s.setLong(i, references.any(reference.table(), r));
    } else if (value instanceof ValueSpec.Words words) {
      return (s, i, key, r) -> s.setString(i, RandomText.words(length(words.length(), r), r));
    } else if (value instanceof ValueSpec.Noise noise) {
      return (s, i, key, r) -> s.setString(i, RandomText.noise(length(noise.length(), r), r));
    } else if (value instanceof ValueSpec.Template template) {
      return (s, i, key, r) -> s.setString(i, filled(template.text(), key, r));
    } else if (value instanceof ValueSpec.Whole whole) {
      return (s, i, key, r) -> s.setLong(i, whole.range().pick(r));
    } else if (value instanceof ValueSpec.Decimal decimal) {
      return (s, i, key, r) ->
          s.setBigDecimal(i, BigDecimal.valueOf(decimal.unscaled().pick(r), decimal.scale()));
    } else if (value instanceof ValueSpec.Day day) {
      return (s, i, key, r) -> s.setObject(i, day.from().plusDays(r.nextInt(day.days())));
    } else if (value instanceof ValueSpec.Now) {
      return (s, i, key, r) ->
          s.setObject(i, OffsetDateTime.ofInstant(Instant.now(), ZoneOffset.UTC));
    } else if (value instanceof ValueSpec.NowMillis) {
      return (s, i, key, r) -> s.setLong(i, System.currentTimeMillis());
    } else if (value instanceof ValueSpec.Truth) {
      return (s, i, key, r) -> s.setBoolean(i, r.nextBoolean());
    } else if (value instanceof ValueSpec.Uuid) {
      return (s, i, key, r) -> s.setObject(i, new UUID(r.nextLong(), r.nextLong()));
    } else if (value instanceof ValueSpec.Bytes bytes) {
      return (s, i, key, r) -> s.setBytes(i, bytes(length(bytes.length(), r), r));
    } else if (value instanceof ValueSpec.Document document) {
      return (s, i, key, r) -> s.setString(i, Documents.of(document.fields(), r));
    }
    throw new IllegalStateException("No binder for " + value);
  }

  /** How a parameter of such a column stands in SQL. */
  static String placeholder(ColumnSpec column) {
    return column.value() instanceof ValueSpec.Document ? "CAST(? AS jsonb)" : "?";
  }

  static long modulo(long key, ValueSpec.KeyModulo modulo) {
    return key % modulo.of();
  }

  private static int length(Range range, SplittableRandom random) {
    return (int) range.pick(random);
  }

  private static byte[] bytes(int length, SplittableRandom random) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** A template's text for the row of that key. */
  static String filled(String template, long key, SplittableRandom random) {
    String text = template;
    if (text.contains("{hex}")) {
      text =
          text.replace("{hex}", String.format("%016x%016x", random.nextLong(), random.nextLong()));
    }
    return text.replace("{key36}", Long.toString(key, Character.MAX_RADIX))
        .replace("{key}", Long.toString(key));
  }
}
