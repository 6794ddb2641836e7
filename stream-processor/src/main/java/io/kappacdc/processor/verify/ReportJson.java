package io.kappacdc.processor.verify;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.kappacdc.event.Lsn;
import io.kappacdc.processor.verify.ReportText.Values;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A report for programs: one JSON object. */
final class ReportJson {
  private static final JsonFactory FACTORY = new JsonFactory();

  private final Values values;

  ReportJson(Values values) {
    this.values = values;
  }

  /** The body of an answer. */
  @FunctionalInterface
  private interface Body {
    void write(JsonGenerator json) throws IOException;
  }

  private static String object(Body body) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      body.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** What is said when nothing could be verified. */
  static String notVerified(String reason, String remedy) {
    return object(
        json -> {
          json.writeStringField("verdict", name(Verdict.NOT_VERIFIED));
          json.writeStringField("reason", reason);
          json.writeStringField("remedy", remedy);
        });
  }

  String write(VerificationReport report) {
    return object(
        json -> {
          json.writeStringField("verdict", name(report.verdict()));
          json.writeStringField("fenceLsn", Lsn.format(report.fenceLsn()));
          json.writeStringField("startedAt", report.startedAt().toString());
          json.writeNumberField("waitedMillis", report.waited().toMillis());
          json.writeNumberField("durationMillis", report.duration().toMillis());
          json.writeArrayFieldStart("tables");
          for (TableReport table : report.tables()) {
            write(json, table);
          }
          json.writeEndArray();
        });
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private void write(JsonGenerator json, TableReport table) throws IOException {
    json.writeStartObject();
    json.writeStringField("table", table.table());
    json.writeStringField("verdict", name(table.verdict()));
    json.writeFieldName("sourceRows");
    writeNumber(json, table.sourceRows());
    json.writeArrayFieldStart("stores");
    for (StoreReport store : table.stores()) {
      write(json, store);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("notes");
    for (String note : table.notes()) {
      json.writeString(note);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeNumber(JsonGenerator json, @Nullable Long number) throws IOException {
    if (number == null) {
      json.writeNull();
    } else {
      json.writeNumber(number);
    }
  }

  private void write(JsonGenerator json, StoreReport store) throws IOException {
    Differences differences = store.differences();
    json.writeStartObject();
    json.writeStringField("store", store.store());
    json.writeStringField("verdict", name(store.verdict()));
    json.writeFieldName("rows");
    writeNumber(json, store.rows());
    json.writeNumberField("missing", differences.missing());
    json.writeNumberField("extra", differences.extra());
    json.writeNumberField("different", differences.different());
    if (store.reason() != null) {
      json.writeStringField("reason", store.reason());
    }
    json.writeArrayFieldStart("rowsThatDiffer");
    for (Differences.Row row : differences.rows()) {
      write(json, row);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void write(JsonGenerator json, Differences.Row row) throws IOException {
    json.writeStartObject();
    json.writeStringField("kind", name(row.kind()));
    json.writeStringField("key", row.key());
    json.writeArrayFieldStart("columns");
    for (Differences.Value value : row.columns()) {
      if (values == Values.HIDDEN) {
        json.writeString(value.column());
      } else {
        json.writeStartObject();
        json.writeStringField("column", value.column());
        json.writeStringField("expected", value.expected());
        json.writeStringField("actual", value.actual());
        json.writeEndObject();
      }
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
