package io.kappacdc.chaos.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

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
