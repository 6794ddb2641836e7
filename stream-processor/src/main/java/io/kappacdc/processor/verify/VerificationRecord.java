package io.kappacdc.processor.verify;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.kappacdc.runtime.KappaHome;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;

/**
 * What the last verification found, in {@code verification.json} of the home, for the console: when
 * it ended, and the report without values of rows.
 */
final class VerificationRecord {
  private static final String FILE = "verification.json";

  private VerificationRecord() {}

  /** Leaves it, in place of the one before. A verdict without a record is one all the same. */
  static void write(KappaHome home, String reportJson, PrintWriter err) {
    try {
      Path temporary = home.resolve(FILE + ".new");
      Files.createDirectories(home.directory());
      Files.writeString(temporary, json(Instant.now(), reportJson));
      Files.move(
          temporary,
          home.resolve(FILE),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      err.println("kappa: the verdict was not noted for the console: " + e.getMessage());
    }
  }

  static String json(Instant endedAt, String reportJson) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("endedAt", endedAt.toString());
      json.writeFieldName("report");
      json.writeRawValue(reportJson);
      json.writeEndObject();
    }
    return text.toString();
  }
}
