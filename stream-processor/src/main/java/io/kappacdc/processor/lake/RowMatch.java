package io.kappacdc.processor.lake;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kappacdc.event.Position;
import io.kappacdc.processor.erase.Lives;
import io.kappacdc.processor.erase.QuarantineMatch;
import io.kappacdc.processor.erase.QuarantinedBytes;
import io.kappacdc.processor.erase.RowKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.api.java.UDF4;
import org.apache.spark.sql.api.java.UDF5;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;
import scala.collection.Seq;

/** Tells the rows that are to be erased from others, and what they show. */
interface RowMatch {
  /** Whether a row is to be erased; never null. */
  Column isErased(RowColumns rows);

  /** What to tell of it. */
  List<Column> shown(RowColumns rows);

  /** Rows of a trail or a mirror: key, op, lsn, ordinal, former. */
  static RowMatch ofLives(Lives lives, List<String> keyColumns) {
    return new OfLives(lives, List.copyOf(keyColumns));
  }

  /** Records of a topic's quarantine: sink, partition, offset, key, value. */
  static RowMatch ofQuarantined(String topic, QuarantineMatch test) {
    return new OfQuarantined(topic, test);
  }

  /** By keys and places. */
  record OfLives(Lives lives, List<String> keyColumns) implements RowMatch {
    private static final ObjectMapper JSON =
        new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    @Override
    public Column isErased(RowColumns rows) {
      List<Column> shown = shown(rows);
      return udf(test(lives), DataTypes.BooleanType)
          .apply(shown.get(0), shown.get(4), shown.get(2), shown.get(3));
    }

    private static UDF4<Seq<String>, Seq<String>, Long, Long, Boolean> test(Lives lives) {
      return (key, former, lsn, ordinal) ->
          lsn != null
              && ordinal != null
              && lives.have(key(key), key(former), new Position(lsn, ordinal));
    }

    @Override
    public List<Column> shown(RowColumns rows) {
      Column op = rows.own(MetadataColumns.OP, DataTypes.StringType);
      Column before = rows.own(MetadataColumns.BEFORE, DataTypes.StringType);
      Column[] texts = keyColumns.stream().map(rows::text).toArray(Column[]::new);
      return List.of(
          array(texts).as("key"),
          op.as("op"),
          rows.own(MetadataColumns.LSN, DataTypes.LongType).as("lsn"),
          rows.own(MetadataColumns.ORDINAL, DataTypes.LongType).as("ordinal"),
          when(
                  op.equalTo("c").and(before.isNotNull()),
                  udf(former(keyColumns), DataTypes.createArrayType(DataTypes.StringType))
                      .apply(before))
              .otherwise(lit(null))
              .as("former"));
    }

    private static UDF1<String, @Nullable String @Nullable []> former(List<String> columns) {
      ArrayList<String> names = new ArrayList<>(columns);
      return before -> before == null ? null : former(before, names);
    }

    private static @Nullable String[] former(String before, List<String> names) {
      try {
        JsonNode image = JSON.readTree(before);
        @Nullable String[] texts = new String[names.size()];
        for (int i = 0; i < texts.length; i++) {
          JsonNode value = image.get(names.get(i));
          texts[i] = value == null || value.isNull() ? null : QuarantinedBytes.text(value);
        }
        return texts;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    static @Nullable RowKey key(@Nullable Seq<String> texts) {
      if (texts == null) {
        return null;
      }
      List<String> list = Scala.list(texts);
      return list.contains(null) ? null : new RowKey(list);
    }
  }

  /** By what a record contains. */
  record OfQuarantined(String topic, QuarantineMatch test) implements RowMatch {
    @Override
    public Column isErased(RowColumns rows) {
      return udf(isErased(topic, test), DataTypes.BooleanType)
          .apply(col("topic"), col("partition"), col("offset"), col("key"), col("value"));
    }

    private static UDF5<String, Integer, Long, byte[], byte[], Boolean> isErased(
        String topic, QuarantineMatch test) {
      return (of, partition, offset, key, value) ->
          topic.equals(of) && test.isErased(new QuarantinedBytes(partition, offset, key, value));
    }

    @Override
    public List<Column> shown(RowColumns rows) {
      return List.of(col("sink"), col("partition"), col("offset"), col("key"), col("value"));
    }
  }
}
