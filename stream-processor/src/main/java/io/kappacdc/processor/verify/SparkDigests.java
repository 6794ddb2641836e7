package io.kappacdc.processor.verify;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.shiftrightunsigned;

import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.collection.Seq;

/** {@link Digest}s as columns of Spark: structs of two longs. */
final class SparkDigests {
  static final StructType TYPE =
      new StructType().add("high", DataTypes.LongType).add("low", DataTypes.LongType);

  private static final UserDefinedFunction DIGEST =
      functions.udf((UDF1<Seq<String>, Row>) SparkDigests::digest, TYPE);

  private SparkDigests() {}

  private static Row digest(Seq<String> values) {
    StringBuilder row = new StringBuilder(values.size() * 16);
    for (int i = 0; i < values.size(); i++) {
      CanonicalRow.append(row, values.apply(i));
    }
    Digest digest = Digest.ofText(row.toString());
    return RowFactory.create(digest.high(), digest.low());
  }

  /** The digest of an array of texts. */
  static Column of(Column texts) {
    return DIGEST.apply(texts);
  }

  static Column chunk(Column digest, int chunks) {
    return shiftrightunsigned(digest.getField("high"), Long.SIZE - Digest.CHUNK_BITS)
        .mod(lit((long) chunks))
        .cast(DataTypes.IntegerType);
  }

  /** Sort columns for {@link Digest}'s own order, which is unsigned. */
  static Column[] order(String... digestColumns) {
    return Stream.of(digestColumns)
        .flatMap(name -> Stream.of(col(name + ".high"), col(name + ".low")))
        .map(half -> half.bitwiseXOR(lit(Long.MIN_VALUE)))
        .toArray(Column[]::new);
  }

  /** Whether a digest is one of a few. */
  static Column isIn(Column digest, Set<Digest> digests) {
    Column found = lit(false);
    for (Digest one : digests) {
      found =
          found.or(
              digest
                  .getField("high")
                  .equalTo(one.high())
                  .and(digest.getField("low").equalTo(one.low())));
    }
    return found;
  }

  static Digest read(Row row, int index) {
    Row digest = Objects.requireNonNull(row.getStruct(index));
    return new Digest(digest.getLong(0), digest.getLong(1));
  }
}
