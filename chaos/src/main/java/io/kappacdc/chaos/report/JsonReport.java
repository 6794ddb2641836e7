package io.kappacdc.chaos.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kappacdc.runtime.KappaException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A run's report for programs: durations in milliseconds. */
public final class JsonReport {
  private static final ObjectMapper JSON = new ObjectMapper();

  private JsonReport() {}

  /** One JSON object, with a member {@code outcomes} for each fault and {@code faults} in sums. */
  public static String write(RunReport report) {
    ObjectNode root = JSON.createObjectNode();
    RunReport.Head head = report.head();
    root.put("seed", head.seed());
    root.put("scheduled", head.faults());
    root.put("only", head.only());
    root.put("commit", head.commit());
    root.put("startedAt", head.startedAt().toString());
    root.put("mutation", head.mutation());
    root.put("right", report.isRight());
    root.put("failure", report.failure());
    root.put("happened", report.happened());
    root.put("transactions", report.transactions());
    root.put("changes", report.changes());
    root.put("cuts", report.cuts());
    root.put("verifications", report.verifications());
    ArrayNode faults = root.putArray("faults");
    report.lines().forEach(line -> add(faults.addObject(), line));
    add(root.putObject("all"), report.total());
    ArrayNode outcomes = root.putArray("outcomes");
    report.outcomes().forEach(outcome -> add(outcomes.addObject(), outcome));
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws KappaException if it is something else
   */
  public static RunReport read(String name, String text) {
    try {
      JsonNode root = JSON.readTree(text);
      List<Outcome> outcomes = new ArrayList<>();
      required(root, "outcomes").forEach(outcome -> outcomes.add(outcome(outcome)));
      return new RunReport(
          new RunReport.Head(
              required(root, "seed").longValue(),
              required(root, "scheduled").intValue(),
              required(root, "only").textValue(),
              required(root, "commit").textValue(),
              Instant.parse(required(root, "startedAt").textValue()),
              root.path("mutation").textValue()),
          outcomes,
          required(root, "transactions").longValue(),
          required(root, "changes").longValue(),
          required(root, "cuts").longValue(),
          required(root, "verifications").intValue(),
          root.path("failure").textValue());
    } catch (JsonProcessingException | IllegalArgumentException | DateTimeParseException e) {
      throw new KappaException(
          "Cannot read the report " + name,
          String.valueOf(e.getMessage()).lines().findFirst().orElse("no message"),
          "Name a file that kappa chaos --json has written.",
          e);
    }
  }

  private static Outcome outcome(JsonNode node) {
    Map<String, Duration> recoveries = new LinkedHashMap<>();
    required(node, "recoveryMillisByStore")
        .fields()
        .forEachRemaining(
            store -> recoveries.put(store.getKey(), Duration.ofMillis(store.getValue().asLong())));
    List<String> findings = new ArrayList<>();
    required(node, "findings").forEach(finding -> findings.add(finding.asText()));
    return new Outcome(
        required(node, "number").intValue(),
        required(node, "fault").textValue(),
        required(node, "done").textValue(),
        Outcome.Verdict.valueOf(required(node, "verdict").textValue().toUpperCase(Locale.ROOT)),
        recoveries,
        required(node, "lost").longValue(),
        required(node, "duplicated").longValue(),
        findings);
  }

  private static JsonNode required(JsonNode node, String member) {
    if (!node.hasNonNull(member)) {
      throw new IllegalArgumentException("There is no member '" + member + "'.");
    }
    return node.get(member);
  }

  private static void add(ObjectNode node, RunReport.Line line) {
    node.put("fault", line.fault());
    node.put("times", line.times());
    node.put("survived", line.survived());
    node.put("refused", line.refused());
    node.put("lost", line.lost());
    node.put("duplicated", line.duplicated());
    node.put("recoveryMillisMedian", line.recoveryMedian().toMillis());
    node.put("recoveryMillisMax", line.recoveryMax().toMillis());
  }

  private static void add(ObjectNode node, Outcome outcome) {
    node.put("number", outcome.number());
    node.put("fault", outcome.fault());
    node.put("done", outcome.done());
    node.put("verdict", outcome.verdict().name().toLowerCase(Locale.ROOT));
    node.put("recoveryMillis", outcome.recovery().toMillis());
    ObjectNode recoveries = node.putObject("recoveryMillisByStore");
    outcome.recoveries().forEach((store, time) -> recoveries.put(store, time.toMillis()));
    node.put("lost", outcome.lost());
    node.put("duplicated", outcome.duplicated());
    outcome.findings().forEach(node.putArray("findings")::add);
  }
}
