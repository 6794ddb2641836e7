package io.kappacdc.processor.sql;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.hex;
import static org.apache.spark.sql.functions.to_json;

import io.kappacdc.processor.lake.LakeCatalog;
import io.kappacdc.runtime.KappaException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Runs queries over the lake's tables and prints their answers. */
final class LakeQuery {
  private static final Set<String> READING =
      Set.of("SELECT", "WITH", "VALUES", "TABLE", "FROM", "DESCRIBE", "DESC", "SHOW", "EXPLAIN");

  /** What may follow a WITH clause, or an EXPLAIN, and write. */
  private static final Set<String> WRITING =
      Set.of("INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "DROP", "ALTER", "TRUNCATE");

  private static final Pattern HISTORY =
      Pattern.compile("\\s*DESC(?:RIBE)?\\s+(?:HISTORY|DETAIL)\\b", Pattern.CASE_INSENSITIVE);

  private final SparkSession spark;
  private final LakeCatalog catalog;

  /** Tables that cannot be read, by SQL name. */
  private final Map<String, KappaException> refusedTables;

  private LakeQuery(
      SparkSession spark, LakeCatalog catalog, Map<String, KappaException> refusedTables) {
    this.spark = spark;
    this.catalog = catalog;
    this.refusedTables = refusedTables;
  }

  /**
   * Queries on the tables as they are now, each for itself.
   *
   * @param statements the queries to come, which decide on the histories that are made ready
   */
  static LakeQuery now(SparkSession spark, String lakePath, List<String> statements) {
    LakeCatalog catalog = new LakeCatalog(spark, lakePath);
    catalog.register();
    return new LakeQuery(spark, catalog, new Histories(catalog).register(statements, Map.of()));
  }

  /**
   * Queries on all tables as they were at one moment of the source.
   *
   * @param statements the queries to come, which decide on the tables that are made ready
   * @param chosen is told the moment
   * @throws KappaException if the lake does not have the moment
   */
  static LakeQuery at(
      SparkSession spark,
      String lakePath,
      AskedMoment asked,
      List<String> statements,
      Consumer<Moment> chosen) {
    statements.forEach(LakeQuery::requireState);
    LakeCatalog catalog = new LakeCatalog(spark, lakePath);
    RecordedCuts cuts =
        new RecordedCuts(
            catalog
                .cuts()
                .orElseThrow(() -> SqlErrors.noCuts("the lake has no table " + LakeCatalog.CUTS)));
    Moment moment = cuts.resolve(asked);
    chosen.accept(moment);
    return new LakeQuery(
        spark,
        catalog,
        new Histories(catalog)
            .register(statements, new TablesAtMoment(catalog, cuts, moment).register(statements)));
  }

  /** Refuses what a view of a moment cannot answer. */
  private static void requireState(String statement) {
    Matcher history = HISTORY.matcher(statement);
    if (history.lookingAt()) {
      throw SqlErrors.historyOfAMoment(history.group().strip());
    }
  }

  /**
   * Refuses what is not a query.
   *
   * @throws KappaException if the statement does something else than reading
   */
  static void requireReading(String statement) {
    String verb = word(statement);
    if (!READING.contains(verb)) {
      throw SqlErrors.refused(verb.isEmpty() ? "this" : verb);
    }
    if (verb.equals("WITH") || verb.equals("FROM")) {
      String writing = topLevelWriting(statement);
      if (!writing.isEmpty()) {
        throw SqlErrors.refused(writing);
      }
    }
  }

  private static String word(String statement) {
    int start = 0;
    while (start < statement.length() && !Character.isLetter(statement.charAt(start))) {
      start++;
    }
    int end = start;
    while (end < statement.length() && Character.isLetter(statement.charAt(end))) {
      end++;
    }
    return statement.substring(start, end).toUpperCase(Locale.ROOT);
  }

  /** The first writing word outside of parentheses and quotes; empty if there is none. */
  private static String topLevelWriting(String statement) {
    int depth = 0;
    int at = 0;
    while (at < statement.length()) {
      char c = statement.charAt(at);
      if (c == '\'' || c == '"' || c == '`') {
        int end = statement.indexOf(c, at + 1);
        at = end < 0 ? statement.length() : end + 1;
      } else if (Character.isLetter(c)) {
        int end = at;
        while (end < statement.length() && Character.isLetterOrDigit(statement.charAt(end))) {
          end++;
        }
        String word = statement.substring(at, end).toUpperCase(Locale.ROOT);
        if (depth == 0 && WRITING.contains(word)) {
          return word;
        }
        at = end;
      } else {
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        at++;
      }
    }
    return "";
  }

  /**
   * Runs one query and prints its answer.
   *
   * @param limit how many rows to print at most; 0 for all
   */
  void run(String statement, ResultFormat format, long limit, PrintWriter out) {
    requireReading(statement);
    try {
      Dataset<Row> answer = spark.sql(statement);
      List<ResultFormat.Column> columns = new ArrayList<>();
      Dataset<Row> texts = texts(answer, columns);
      Bounded rows = new Bounded(texts.toLocalIterator(), limit == 0 ? Long.MAX_VALUE : limit);
      long count = format.write(out, columns, rows);
      if (format == ResultFormat.TABLE) {
        out.println(
            "(%,d %s%s)"
                .formatted(
                    count,
                    count == 1 ? "row" : "rows",
                    rows.isCut() ? " shown, there are more: --limit 0 shows all" : ""));
      }
      out.flush();
    } catch (Exception e) {
      // Spark throws checked exceptions that Scala does not declare.
      KappaException refusal = SqlErrors.missingTable(e).map(refusedTables::get).orElse(null);
      if (refusal != null) {
        throw refusal;
      }
      throw SqlErrors.failed(e, names());
    }
  }

  private List<String> names() {
    List<LakeCatalog.Table> tables = catalog.tables();
    return Stream.concat(
            tables.stream().map(LakeCatalog.Table::sqlName), Histories.names(tables).stream())
        .toList();
  }

  /** Every value as text; the columns are renamed by number, since an answer may repeat names. */
  private static Dataset<Row> texts(Dataset<Row> answer, List<ResultFormat.Column> columns) {
    StructField[] fields = answer.schema().fields();
    String[] numbers = new String[fields.length];
    Column[] texts = new Column[fields.length];
    for (int i = 0; i < fields.length; i++) {
      DataType type = fields[i].dataType();
      numbers[i] = "c" + i;
      texts[i] = text(col(numbers[i]), type).as(numbers[i]);
      columns.add(
          new ResultFormat.Column(
              fields[i].name(),
              type instanceof NumericType,
              type.equals(DataTypes.BooleanType) || isNested(type)));
    }
    return answer.toDF(numbers).select(texts);
  }

  private static boolean isNested(DataType type) {
    return type instanceof ArrayType || type instanceof MapType || type instanceof StructType;
  }

  private static Column text(Column value, DataType type) {
    if (isNested(type)) {
      return to_json(value);
    }
    return type.equals(DataTypes.BinaryType) ? hex(value) : value.cast(DataTypes.StringType);
  }

  /** The first rows of an answer. */
  private static final class Bounded implements Iterator<Row> {
    private final Iterator<Row> rows;
    private long left;

    Bounded(Iterator<Row> rows, long limit) {
      this.rows = rows;
      this.left = limit;
    }

    @Override
    public boolean hasNext() {
      return left > 0 && rows.hasNext();
    }

    @Override
    public Row next() {
      if (left <= 0) {
        throw new NoSuchElementException();
      }
      left--;
      return rows.next();
    }

    boolean isCut() {
      return left <= 0 && rows.hasNext();
    }
  }
}
