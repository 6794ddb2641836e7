package io.kappacdc.processor.verify;

import static org.apache.spark.sql.functions.array_join;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.shiftrightunsigned;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.kappacdc.event.Lsn;
import io.kappacdc.processor.lake.LakeTypes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/**
 * Every change in a trail up to the fence, as a table whose key is the position: the two trails
 * must have the same changes, those long superseded included, which no comparison of states would
 * show.
 */
final class TrailHistory {
  static final String STORE = "trails, change by change";

  private static final List<String> METADATA =
      List.of(
          "_kappa_lsn",
          "_kappa_ordinal",
          "_kappa_op",
          "_kappa_tx_id",
          "_kappa_ts",
          "_kappa_unchanged");
  private static final String BEFORE = "_kappa_before";

  /** Images that capture wrote: their values are as long as PostgreSQL's, which are no attack. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private TrailHistory() {}

  /** What is compared of a table's changes: metadata, after image, before image. */
  static ComparedTable table(String name, List<String> columns) {
    List<String> all = new ArrayList<>(METADATA);
    all.addAll(columns);
    columns.forEach(column -> all.add(BEFORE + '.' + column));
    return ComparedTable.of(name, all, METADATA.subList(0, 2));
  }

  static JdbcDigestSource.Relation postgres(
      PostgresTrail.Trail trail, List<String> columns, long fence) {
    List<String> texts = new ArrayList<>();
    texts.add("_kappa_lsn::text");
    texts.add("_kappa_ordinal::text");
    texts.add("_kappa_op::text");
    texts.add("_kappa_tx_id::text");
    texts.add("_kappa_ts::text");
    texts.add(
        "CASE WHEN _kappa_unchanged IS NOT NULL THEN array_to_string(ARRAY(SELECT u FROM"
            + " unnest(_kappa_unchanged) u ORDER BY u COLLATE \"C\"), ',') END");
    columns.forEach(column -> texts.add(trail.text("t", column)));
    columns.forEach(column -> texts.add("_kappa_before ->> " + CanonicalSql.literal(column)));
    StringBuilder sql = new StringBuilder("SELECT ");
    for (int i = 0; i < texts.size(); i++) {
      sql.append(i == 0 ? "" : ", ").append(texts.get(i)).append(" AS c").append(i);
    }
    sql.append(" FROM ").append(trail.sql()).append(" t WHERE _kappa_lsn <= ");
    sql.append(CanonicalSql.literal(Lsn.format(fence))).append("::pg_lsn");
    return new JdbcDigestSource.Relation(sql.toString(), false);
  }

  static SparkDigestSource.Rows delta(LakeRows trail, List<String> columns, long fence) {
    Dataset<Row> rows = trail.data().filter(col("_kappa_lsn").leq(fence));
    Column metadata =
        functions.array(
            lsnText(col("_kappa_lsn")),
            col("_kappa_ordinal").cast(DataTypes.StringType),
            col("_kappa_op").cast(DataTypes.StringType),
            col("_kappa_tx_id").cast(DataTypes.StringType),
            LakeTypes.toPostgresText(
                col("_kappa_ts"), DataTypes.TimestampType, "timestamp with time zone"),
            array_join(array_sort(col("_kappa_unchanged")), ","));
    Column values = concat(metadata, trail.texts(columns), before(columns, col(BEFORE)));
    Column key =
        SparkDigests.of(
            functions.array(
                lsnText(col("_kappa_lsn")), col("_kappa_ordinal").cast(DataTypes.StringType)));
    return new SparkDigestSource.Rows() {
      @Override
      public Dataset<Row> digests() {
        return rows.select(key.as("k"), SparkDigests.of(values).as("r"), lit(1L).as("n"));
      }

      @Override
      public Dataset<Row> texts(Set<Digest> keys) {
        return rows.select(key.as("k"), values.as("v"))
            .filter(SparkDigests.isIn(col("k"), keys))
            .select(col("k"), SparkDigests.of(col("v")).as("r"), col("v"));
      }
    };
  }

  private static Column lsnText(Column lsn) {
    return format_string("%X/%X", shiftrightunsigned(lsn, 32), lsn.bitwiseAND(lit(0xFFFF_FFFFL)));
  }

  private static Column before(List<String> columns, Column json) {
    String[] names = columns.toArray(String[]::new);
    return functions
        .udf(
            (UDF1<String, String[]>) text -> beforeTexts(text, names),
            DataTypes.createArrayType(DataTypes.StringType))
        .apply(json);
  }

  /** The values as {@code json ->>} gives them: numbers as they are written. */
  static @Nullable String[] beforeTexts(@Nullable String json, String[] columns) {
    @Nullable String[] values = new String[columns.length];
    if (json == null) {
      return values;
    }
    Map<String, String> fields = new HashMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        fields.put(name, value == JsonToken.VALUE_NULL ? null : parser.getText());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (int i = 0; i < columns.length; i++) {
      values[i] = fields.get(columns[i]);
    }
    return values;
  }
}
