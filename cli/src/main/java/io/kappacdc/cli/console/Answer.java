package io.kappacdc.cli.console;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a request gets.
 *
 * @param tag of the content, by which a browser asks whether it has changed; null for data
 */
record Answer(int status, String contentType, byte[] body, @Nullable String tag) {
  private static final String JSON = "application/json";

  static Answer json(@Nullable Object value) {
    return new Answer(200, JSON, Json.write(value), null);
  }

  static Answer failure(RequestException e) {
    return failure(e.status(), e.problem(), e.reason(), e.remedy());
  }

  static Answer failure(int status, String problem, String reason, String remedy) {
    return new Answer(
        status,
        JSON,
        Json.write(Json.object("problem", problem, "cause", reason, "remedy", remedy)),
        null);
  }

  static Answer text(int status, String line) {
    return new Answer(
        status, "text/plain; charset=utf-8", (line + '\n').getBytes(StandardCharsets.UTF_8), null);
  }
}
