package io.kappacdc.processor.sql;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * How rows are printed. Every value comes as Spark's text of it, null as null; numbers are told
 * from texts by the columns.
 */
enum ResultFormat {
  /** Columns aligned, for people; widths come from the first {@value #SAMPLE} rows. */
  TABLE {
    @Override
    long write(PrintWriter out, List<Column> columns, Iterator<Row> rows) {
      List<List<String>> sample = new ArrayList<>();
      while (sample.size() < SAMPLE && rows.hasNext()) {
        sample.add(cells(rows.next(), columns.size()));
      }
      int[] widths = columns.stream().mapToInt(column -> column.name().length()).toArray();
      for (List<String> cells : sample) {
        for (int i = 0; i < widths.length; i++) {
          widths[i] = Math.max(widths[i], cells.get(i).length());
        }
      }
      line(out, columns, columns.stream().map(Column::name).toList(), widths);
      List<String> rules = Arrays.stream(widths).mapToObj("-"::repeat).toList();
      line(out, columns, rules, widths);
      sample.forEach(cells -> line(out, columns, cells, widths));
      long count = sample.size();
      while (rows.hasNext()) {
        line(out, columns, cells(rows.next(), columns.size()), widths);
        count++;
      }
      return count;
    }

    private List<String> cells(Row row, int size) {
      List<String> cells = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        String value = row.getString(i);
        String cell = value == null ? "NULL" : value.replaceAll("\\R", "⏎");
        cells.add(cell.length() <= CELL_MAX ? cell : cell.substring(0, CELL_MAX - 1) + "…");
      }
      return cells;
    }

    private void line(PrintWriter out, List<Column> columns, List<String> cells, int[] widths) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String padding = " ".repeat(Math.max(0, widths[i] - cells.get(i).length()));
        line.append(i == 0 ? "" : "  ");
        line.append(columns.get(i).isNumber() ? padding + cells.get(i) : cells.get(i) + padding);
      }
      out.println(line.toString().stripTrailing());
    }
  },

  /** RFC 4180 with a header; NULL is an empty field, an empty text is {@code ""}. */
  CSV {
    @Override
    long write(PrintWriter out, List<Column> columns, Iterator<Row> rows) {
      out.println(String.join(",", columns.stream().map(column -> field(column.name())).toList()));
      long count = 0;
      StringBuilder line = new StringBuilder();
      while (rows.hasNext()) {
        Row row = rows.next();
        line.setLength(0);
        for (int i = 0; i < columns.size(); i++) {
          line.append(i == 0 ? "" : ",").append(field(row.getString(i)));
        }
        out.println(line);
        count++;
      }
      return count;
    }

    private String field(@Nullable String value) {
      if (value == null) {
        return "";
      }
      boolean quoted =
          value.isEmpty() || value.chars().anyMatch(c -> c == ',' || c == '"' || c < ' ');
      return quoted ? '"' + value.replace("\"", "\"\"") + '"' : value;
    }
  },

  /** One JSON object a line. */
  JSON {
    @Override
    long write(PrintWriter out, List<Column> columns, Iterator<Row> rows) {
      JsonFactory factory = new JsonFactory();
      long count = 0;
      while (rows.hasNext()) {
        out.println(object(factory, columns, rows.next()));
        count++;
      }
      return count;
    }

    private String object(JsonFactory factory, List<Column> columns, Row row) {
      StringWriter text = new StringWriter();
      try (JsonGenerator json = factory.createGenerator(text)) {
        json.writeStartObject();
        for (int i = 0; i < columns.size(); i++) {
          json.writeFieldName(columns.get(i).name());
          write(json, columns.get(i), row.getString(i));
        }
        json.writeEndObject();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return text.toString();
    }

    private void write(JsonGenerator json, Column column, @Nullable String value)
        throws IOException {
      if (value == null) {
        json.writeNull();
      } else if (column.isJson() || column.isNumber() && isFinite(value)) {
        json.writeRawValue(value);
      } else {
        json.writeString(value);
      }
    }

    private boolean isFinite(String number) {
      char last = number.charAt(number.length() - 1);
      return last >= '0' && last <= '9';
    }
  };

  private static final int SAMPLE = 200;
  private static final int CELL_MAX = 100;

  /**
   * A column of the answer.
   *
   * @param isNumber whether its texts are numbers
   * @param isJson whether its texts are JSON: booleans, arrays, maps and structs in {@link #JSON}
   */
  record Column(String name, boolean isNumber, boolean isJson) {}

  /**
   * Prints all rows, whose values are texts.
   *
   * @return how many there were
   */
  abstract long write(PrintWriter out, List<Column> columns, Iterator<Row> rows);

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
