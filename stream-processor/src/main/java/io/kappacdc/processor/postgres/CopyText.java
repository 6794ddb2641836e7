package io.kappacdc.processor.postgres;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.event.wire.RowJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encodes changes of one schema as lines of COPY's text format. Source: PostgreSQL's documentation
 * of COPY, "Text Format". Not thread-safe.
 */
final class CopyText {
  /**
   * What PostgreSQL prints of the last half second that it knows where the type's precision rounds
   * it up, and does not take back: its own fault, which dump and restore have too.
   */
  private static final String BEYOND_TIME = "294277-01-01 00:00:00";

  /** What the same type rounds to that value again. */
  private static final String END_OF_TIME = "294276-12-31 23:59:59.999999";

  private final TableSchema schema;
  private final boolean[] rounding;
  private final RowJson rowJson;
  private final String sinkTimestamp;
  private final StringBuilder line = new StringBuilder(512);
  private long timestampMicros = Long.MIN_VALUE;
  private String timestamp = "";

  CopyText(TableSchema schema, Instant sinkTime) {
    this.schema = schema;
    this.rounding = new boolean[schema.columns().size()];
    for (int i = 0; i < rounding.length; i++) {
      rounding[i] = schema.columns().get(i).builtInType().startsWith("timestamp(");
    }
    this.rowJson = new RowJson(schema);
    this.sinkTimestamp = sinkTime.truncatedTo(ChronoUnit.MICROS).toString();
  }

  TableSchema schema() {
    return schema;
  }

  /** The line of a change, its line feed included. */
  byte[] line(ChangeEvent event) {
    line.setLength(0);
    line.append(event.operation().code()).append('\t');
    line.append(Lsn.format(event.position().lsn())).append('\t');
    line.append(event.position().ordinal()).append('\t');
    line.append(event.transactionId()).append('\t');
    line.append(commitTimestamp(event.commitMicros())).append('\t');
    line.append(sinkTimestamp).append('\t');
    Row before = event.before();
    text(before == null ? null : rowJson.write(before));
    line.append('\t');
    unchanged(event.after());
    Row image = event.image();
    for (int i = 0; i < schema.columns().size(); i++) {
      line.append('\t');
      String value = image == null || image.isAbsent(i) ? null : image.get(i);
      text(rounding[i] && value != null ? value.replace(BEYOND_TIME, END_OF_TIME) : value);
    }
    return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
  }

  private String commitTimestamp(long micros) {
    if (micros != timestampMicros) {
      timestampMicros = micros;
      timestamp = Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
    }
    return timestamp;
  }

  private void unchanged(@Nullable Row after) {
    if (after == null || !after.hasAbsent()) {
      line.append("\\N");
      return;
    }
    List<String> names = new java.util.ArrayList<>();
    for (int i = 0; i < after.size(); i++) {
      if (after.isAbsent(i)) {
        names.add(
            '"' + schema.columns().get(i).name().replace("\\", "\\\\").replace("\"", "\\\"") + '"');
      }
    }
    text('{' + String.join(",", names) + '}');
  }

  private void text(@Nullable String value) {
    if (value == null) {
      line.append("\\N");
    } else if (isPlain(value)) {
      line.append(value);
    } else {
      escape(value);
    }
  }

  private static boolean isPlain(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\' || c == '\t' || c == '\n' || c == '\r') {
        return false;
      }
    }
    return true;
  }

  private void escape(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\\' -> line.append("\\\\");
        case '\t' -> line.append("\\t");
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        default -> line.append(c);
      }
    }
  }
}
