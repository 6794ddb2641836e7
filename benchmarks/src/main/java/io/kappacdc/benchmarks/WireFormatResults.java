package io.kappacdc.benchmarks;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * The figures of one run, as a table for people and as JSON for the record.
 *
 * @param at when the run began
 * @param machine where
 * @param loadBefore the machine's load average when the run began
 * @param loadAfter the same when it ended; the run itself adds about 1
 * @param command what repeats it
 * @param rows one for each workload and candidate
 */
record WireFormatResults(
    Instant at,
    Machine machine,
    double loadBefore,
    double loadAfter,
    String command,
    List<Row> rows) {

  /**
   * What one event costs.
   *
   * @param medianNanos median of the iterations' CPU time; garbage collection not included
   * @param meanNanos their mean
   * @param errorNanos half the width of the mean's 99.9 % confidence interval
   * @param allocatedBytes garbage made
   */
  record Cost(double medianNanos, double meanNanos, double errorNanos, double allocatedBytes) {}

  record Row(Workload workload, Candidate candidate, Cost encode, Cost decode, BatchSize size) {}

  /** A Markdown table for each workload. */
  String markdown() {
    StringBuilder page = new StringBuilder(4096);
    for (Workload workload : Workload.values()) {
      page.append("\n**").append(workload.label()).append("**\n\n");
      page.append("| format | encode CPU ns | decode CPU ns | encode B alloc | decode B alloc |");
      page.append(" value B | batch B | lz4 B | zstd B |\n");
      page.append("|---|---|---|---|---|---|---|---|---|\n");
      rows.stream().filter(row -> row.workload == workload).forEach(row -> append(page, row));
    }
    return page.toString();
  }

  private static void append(StringBuilder page, Row row) {
    page.append(
        String.format(
            Locale.ROOT,
            "| %s | %.0f ± %.0f | %.0f ± %.0f | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f |%n",
            row.candidate.label(),
            row.encode.medianNanos,
            row.encode.errorNanos,
            row.decode.medianNanos,
            row.decode.errorNanos,
            row.encode.allocatedBytes,
            row.decode.allocatedBytes,
            row.size.value(),
            row.size.plain(),
            row.size.lz4(),
            row.size.zstd()));
  }

  void writeJson(Path file) throws IOException {
    try (JsonGenerator json = Events.JSON.createGenerator(file.toFile(), JsonEncoding.UTF8)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("benchmark", "wire-format");
      json.writeStringField("at", at.toString());
      json.writeStringField("repeat", command);
      writeMachine(json);
      json.writeStringField("unit", "per event, over batches of " + Workload.EVENTS + " events");
      json.writeStringField(
          "error", "half the width of the mean's 99.9 % confidence interval over all iterations");
      json.writeArrayFieldStart("results");
      for (Row row : rows) {
        write(json, row);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private void writeMachine(JsonGenerator json) throws IOException {
    json.writeStringField("commit", machine.commit());
    json.writeObjectFieldStart("machine");
    json.writeStringField("cpu", machine.cpu());
    json.writeNumberField("processors", machine.processors());
    json.writeNumberField("memoryGib", machine.memoryGib());
    json.writeStringField("system", machine.system());
    json.writeStringField("java", machine.java());
    json.writeNumberField("loadBefore", rounded(loadBefore));
    json.writeNumberField("loadAfter", rounded(loadAfter));
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, Row row) throws IOException {
    json.writeStartObject();
    json.writeStringField("workload", row.workload.name());
    json.writeStringField("candidate", row.candidate.name());
    write(json, "encode", row.encode);
    write(json, "decode", row.decode);
    json.writeObjectFieldStart("bytes");
    json.writeNumberField("value", rounded(row.size.value()));
    json.writeNumberField("batch", rounded(row.size.plain()));
    json.writeNumberField("lz4", rounded(row.size.lz4()));
    json.writeNumberField("zstd", rounded(row.size.zstd()));
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String name, Cost cost) throws IOException {
    json.writeObjectFieldStart(name);
    json.writeNumberField("cpuNanosMedian", rounded(cost.medianNanos));
    json.writeNumberField("cpuNanosMean", rounded(cost.meanNanos));
    json.writeNumberField("cpuNanosMeanError", rounded(cost.errorNanos));
    json.writeNumberField("allocatedBytes", rounded(cost.allocatedBytes));
    json.writeEndObject();
  }

  private static double rounded(double value) {
    return Math.round(value * 10) / 10.0;
  }
}
