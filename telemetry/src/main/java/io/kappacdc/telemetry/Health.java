package io.kappacdc.telemetry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a process is, for operators and their tools. Reasons are ours: never a message of a server,
 * which may quote values of rows.
 *
 * @param service capture or processor
 * @param phase what it is doing, in a word
 * @param ready whether changes flow
 * @param startedAt when the process began its work
 * @param dependencies by name, what it needs and what it feeds
 * @param figures of the whole process
 */
public record Health(
    String service,
    String phase,
    boolean ready,
    Instant startedAt,
    Map<String, Dependency> dependencies,
    Figures figures) {
  private static final JsonFactory JSON = new JsonFactory();

  /** From good to bad. */
  public enum State {
    UP,
    /** It works, and somebody should look at it. */
    DEGRADED,
    DOWN
  }

  /**
   * Something that the process needs.
   *
   * @param reason why it is not UP; null if it is
   * @param figures null if it has none of its own
   */
  public record Dependency(State state, @Nullable String reason, @Nullable Figures figures) {
    public static Dependency up() {
      return new Dependency(State.UP, null, null);
    }

    public static Dependency down(String reason) {
      return new Dependency(State.DOWN, reason, null);
    }

    public static Dependency degraded(String reason) {
      return new Dependency(State.DEGRADED, reason, null);
    }

    public Dependency with(Figures own) {
      return new Dependency(state, reason, own);
    }
  }

  /**
   * What it has done.
   *
   * @param lastBatch when it committed last; null before the first time
   * @param records committed so far
   * @param errorsPerMinute in the last minute
   * @param lagEvents null if it is not known
   * @param lagSeconds null if it is not known
   */
  public record Figures(
      @Nullable Instant lastBatch,
      long records,
      long errorsPerMinute,
      @Nullable Long lagEvents,
      @Nullable Double lagSeconds) {}

  public Health {
    dependencies = Collections.unmodifiableMap(new LinkedHashMap<>(dependencies));
  }

  /** The worst of its dependencies. */
  public State state() {
    State worst = State.UP;
    for (Dependency dependency : dependencies.values()) {
      worst = dependency.state().compareTo(worst) > 0 ? dependency.state() : worst;
    }
    return worst;
  }

  /** As a JSON object. */
  public String toJson() {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("status", state().name());
      json.writeStringField("service", service);
      json.writeStringField("phase", phase);
      json.writeBooleanField("ready", ready);
      json.writeStringField("startedAt", startedAt.toString());
      write(json, figures);
      json.writeObjectFieldStart("dependencies");
      for (Map.Entry<String, Dependency> dependency : dependencies.entrySet()) {
        json.writeObjectFieldStart(dependency.getKey());
        write(json, dependency.getValue());
        json.writeEndObject();
      }
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.append('\n').toString();
  }

  private static void write(JsonGenerator json, Dependency dependency) throws IOException {
    json.writeStringField("status", dependency.state().name());
    if (dependency.reason() != null) {
      json.writeStringField("reason", dependency.reason());
    }
    if (dependency.figures() != null) {
      write(json, dependency.figures());
    }
  }

  private static void write(JsonGenerator json, Figures figures) throws IOException {
    json.writeStringField(
        "lastBatchTime", figures.lastBatch() == null ? null : figures.lastBatch().toString());
    json.writeNumberField("recordsProcessed", figures.records());
    json.writeNumberField("errorsPerMinute", figures.errorsPerMinute());
    if (figures.lagEvents() != null) {
      json.writeNumberField("lagEvents", figures.lagEvents());
    }
    if (figures.lagSeconds() != null) {
      json.writeNumberField("lagSeconds", Math.round(figures.lagSeconds() * 1e3) / 1e3);
    }
  }
}
