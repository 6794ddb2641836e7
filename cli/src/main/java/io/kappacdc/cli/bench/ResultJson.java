package io.kappacdc.cli.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.kappacdc.cli.bench.measure.CpuInWindow;
import io.kappacdc.cli.bench.measure.Latencies;
import io.kappacdc.cli.bench.measure.ProcessUse;
import io.kappacdc.cli.bench.measure.SourceLog;
import io.kappacdc.cli.bench.measure.StageTimes;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A run as one JSON object: what it depends on, its figures, and its course second by second. */
final class ResultJson {
  static final int FORMAT = 1;
  private static final long AROUND_WINDOW_MICROS = 30_000_000;

  private final Measurement run;
  private final Verdict verdict;
  private final JsonGenerator json;

  private ResultJson(Measurement run, Verdict verdict, JsonGenerator json) {
    this.run = run;
    this.verdict = verdict;
    this.json = json;
  }

  static String write(Measurement run, Verdict verdict) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      new ResultJson(run, verdict, json).write();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private void write() throws IOException {
    json.writeStartObject();
    json.writeNumberField("format", FORMAT);
    json.writeStringField("at", run.at().toString());
    spec();
    environment();
    verdict();
    figures();
    course();
    json.writeEndObject();
  }

  private void spec() throws IOException {
    BenchSpec spec = run.spec();
    json.writeObjectFieldStart("spec");
    json.writeStringField("name", spec.name());
    json.writeStringField("workload", spec.workload());
    json.writeStringField("workloadFingerprint", run.load().specFingerprint());
    json.writeNumberField("changesPerSecond", spec.changesPerSecond());
    json.writeNumberField("durationSeconds", spec.duration().toSeconds());
    json.writeNumberField("warmUpSeconds", spec.warmUp().toSeconds());
    json.writeStringField("profile", spec.profile().name().toLowerCase(Locale.ROOT));
    json.writeNumberField("connections", spec.connections());
    json.writeNumberField("rows", spec.rows());
    json.writeNumberField("seed", spec.seed());
    json.writeBooleanField("ownStack", run.isOwnStack());
    json.writeEndObject();
  }

  private void environment() throws IOException {
    Environment environment = run.environment();
    json.writeObjectFieldStart("environment");
    json.writeStringField("commit", environment.commit());
    json.writeStringField("processor", environment.processor());
    json.writeNumberField("cores", environment.cores());
    json.writeNumberField("memoryMebibytes", environment.memoryMebibytes());
    json.writeStringField("kernel", environment.kernel());
    json.writeStringField("java", environment.java());
    number("loadAverage", environment.loadAverage());
    texts("versions", environment.versions());
    texts("config", run.config());
    json.writeEndObject();
  }

  private void texts(String name, Map<String, String> values) throws IOException {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, String> value : new TreeMap<>(values).entrySet()) {
      json.writeStringField(value.getKey(), value.getValue());
    }
    json.writeEndObject();
  }

  private void verdict() throws IOException {
    json.writeObjectFieldStart("verdict");
    json.writeBooleanField("counts", verdict.counts());
    texts("failures", verdict.failures());
    texts("remarks", verdict.remarks());
    json.writeNumberField("verification", run.verification());
    texts("verificationLines", run.verificationLines());
    json.writeArrayFieldStart("targets");
    for (Verdict.Checked target : verdict.targets()) {
      json.writeStartObject();
      json.writeStringField("what", target.what());
      json.writeNumberField("wanted", target.wanted());
      number("reached", target.reached());
      json.writeStringField("unit", target.unit());
      json.writeBooleanField("isReached", target.isReached());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void texts(String name, List<String> lines) throws IOException {
    json.writeArrayFieldStart(name);
    for (String line : lines) {
      json.writeString(line);
    }
    json.writeEndArray();
  }

  private void figures() throws IOException {
    json.writeObjectFieldStart("figures");
    json.writeNumberField("due", run.due());
    json.writeNumberField("committed", run.committed());
    number("changesPerSecond", run.committed() / run.window().seconds());
    json.writeBooleanField("keptUp", run.keptUp());
    json.writeObjectFieldStart("load");
    json.writeNumberField("inserts", run.load().inserts());
    json.writeNumberField("updates", run.load().updates());
    json.writeNumberField("deletes", run.load().deletes());
    json.writeNumberField("transactions", run.load().transactions());
    json.writeNumberField("failures", run.load().failures());
    number("p50Millis", run.load().p50Millis());
    number("p99Millis", run.load().p99Millis());
    number("maxMillis", run.load().maxMillis());
    json.writeEndObject();
    latencies();
    stages();
    cpu();
    jvms();
    json.writeObjectFieldStart("clockOffsetMillis");
    for (var clock : run.clocks().entrySet()) {
      number(clock.getKey(), clock.getValue().millis());
    }
    json.writeEndObject();
    json.writeObjectFieldStart("sizesBytes");
    for (Map.Entry<String, Long> size : new TreeMap<>(run.sizes()).entrySet()) {
      json.writeNumberField(size.getKey(), size.getValue());
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  /** Commit at the source to visible, by the sinks' commit clocks. */
  private void latencies() throws IOException {
    json.writeObjectFieldStart("latency");
    for (String sink : BenchSpec.SINKS) {
      Latencies latencies = run.byCommitClock().get(sink);
      if (latencies != null) {
        latency(sink, latencies);
      }
    }
    json.writeEndObject();
  }

  private void latency(String name, Latencies latencies) throws IOException {
    json.writeObjectFieldStart(name);
    json.writeNumberField("changes", latencies.count());
    json.writeNumberField("missing", latencies.missing());
    number("meanMillis", latencies.meanMillis());
    number("p50Millis", latencies.percentileMillis(50));
    number("p90Millis", latencies.percentileMillis(90));
    number("p99Millis", latencies.percentileMillis(99));
    number("p999Millis", latencies.percentileMillis(99.9));
    number("maxMillis", latencies.maxMillis());
    json.writeArrayFieldStart("distribution");
    for (Latencies.Point point : latencies.distribution()) {
      json.writeStartArray();
      json.writeNumber(point.percentile());
      json.writeNumber(rounded(point.millis()));
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void stages() throws IOException {
    json.writeObjectFieldStart("stages");
    latency("kafka: sent", run.times().toKafka());
    latency("kafka: readable", run.times().kafka().latencies());
    for (StageTimes sink : run.times().sinks()) {
      if (sink.untilBatch().count() > 0) {
        latency(sink.name() + ": wait for a batch", sink.untilBatch());
        latency(sink.name() + ": in the batch", sink.inBatch());
      }
      latency(sink.name() + ": seen by a reader", sink.latencies());
    }
    json.writeEndObject();
    json.writeObjectFieldStart("steps");
    steps(run.times().kafka());
    for (StageTimes sink : run.times().sinks()) {
      steps(sink);
    }
    json.writeEndObject();
  }

  private void steps(StageTimes stage) throws IOException {
    StageTimes.Steps steps = stage.steps();
    json.writeObjectFieldStart(stage.name());
    json.writeNumberField("count", steps.count());
    json.writeNumberField("changesP50", steps.changesP50());
    json.writeNumberField("changesMax", steps.changesMax());
    json.writeNumberField("distanceMillisP50", steps.distanceMillisP50());
    json.writeNumberField("distanceMillisP99", steps.distanceMillisP99());
    number("backlogGrowthPerSecond", run.backlogGrowth(stage));
    long loadEnd = run.load().startMicros() + run.load().dueBySecond().size() * 1_000_000L;
    number("lastSeenAfterLoadSeconds", Math.max(0, stage.lastMicros() - loadEnd) / 1e6);
    var batches = run.batches().get(stage.name());
    if (batches != null) {
      json.writeNumberField("batchesNoticed", batches.noticed());
      json.writeNumberField("batchMillisP50", batches.p50Millis());
      json.writeNumberField("batchMillisP99", batches.p99Millis());
      json.writeNumberField("batchMillisMax", batches.maxMillis());
    }
    json.writeEndObject();
  }

  private void cpu() throws IOException {
    CpuInWindow cpu = run.cpu();
    json.writeObjectFieldStart("cpuSeconds");
    for (Map.Entry<String, Double> part : cpu.seconds().entrySet()) {
      number(part.getKey(), part.getValue());
    }
    number("foreign", cpu.foreignSeconds());
    number("stolen", cpu.stolenSeconds());
    json.writeEndObject();
    number("pipelineCpuSeconds", cpu.pipelineSeconds());
    number("cpuSecondsPerMillion", run.cpuSecondsPerMillion());
    json.writeObjectFieldStart("residentBytesMax");
    for (Map.Entry<String, Long> part : cpu.residentBytesMax().entrySet()) {
      json.writeNumberField(part.getKey(), part.getValue());
    }
    json.writeEndObject();
    number("pipelineResidentBytesMax", cpu.pipelineBytes());
    texts("pipelineParts", cpu.seenParts());
    json.writeNumberField("looksFailed", run.looksFailed());
  }

  private void jvms() throws IOException {
    json.writeObjectFieldStart("jvms");
    for (var jvm : new TreeMap<>(run.jvms()).entrySet()) {
      json.writeObjectFieldStart(jvm.getKey());
      json.writeNumberField("collections", jvm.getValue().collections());
      number("collectionSeconds", jvm.getValue().collectionSeconds());
      number("compilationSeconds", jvm.getValue().compilationSeconds());
      json.writeNumberField("heapUsedBytes", jvm.getValue().heapUsedBytes());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  /** Second by second from the window's begin. */
  private void course() throws IOException {
    json.writeObjectFieldStart("course");
    numbers("in", run.times().in().perSecond(run.seconds()));
    json.writeObjectFieldStart("out");
    numbers("kafka", run.times().kafka().out().perSecond(run.seconds()));
    for (StageTimes sink : run.times().sinks()) {
      numbers(sink.name(), sink.out().perSecond(run.seconds()));
    }
    json.writeEndObject();
    json.writeObjectFieldStart("backlog");
    numbers("kafka", run.backlog(run.times().kafka()));
    for (StageTimes sink : run.times().sinks()) {
      numbers(sink.name(), run.backlog(sink));
    }
    json.writeEndObject();
    json.writeObjectFieldStart("latency");
    bySecond("kafka", run.times().kafka().latencies());
    for (String sink : BenchSpec.SINKS) {
      Latencies latencies = run.byCommitClock().get(sink);
      if (latencies != null) {
        bySecond(sink, latencies);
      }
    }
    json.writeEndObject();
    processes();
    log();
    json.writeEndObject();
  }

  private void numbers(String name, long[] values) throws IOException {
    json.writeFieldName(name);
    json.writeArray(values, 0, values.length);
  }

  /** Second, p50, p99, maximum. */
  private void bySecond(String name, Latencies latencies) throws IOException {
    json.writeArrayFieldStart(name);
    for (Latencies.Second second : latencies.bySecond()) {
      double[] point = {second.second(), second.p50Millis(), second.p99Millis(), second.max()};
      json.writeArray(point, 0, point.length);
    }
    json.writeEndArray();
  }

  private void processes() throws IOException {
    json.writeArrayFieldStart("processes");
    for (ProcessUse.Point point : run.processes()) {
      if (!isNearWindow(point.micros())) {
        continue;
      }
      json.writeStartObject();
      number("second", (point.micros() - run.window().from()) / 1e6);
      json.writeObjectFieldStart("cpuSeconds");
      for (Map.Entry<String, Double> part : new TreeMap<>(point.cpuSeconds()).entrySet()) {
        number(part.getKey(), part.getValue());
      }
      json.writeEndObject();
      json.writeObjectFieldStart("residentMebibytes");
      for (Map.Entry<String, Long> part : new TreeMap<>(point.residentBytes()).entrySet()) {
        json.writeNumberField(part.getKey(), part.getValue() >> 20);
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Warm-up and verification can be much longer than what is of interest. */
  private boolean isNearWindow(long micros) {
    return micros >= run.window().from() - AROUND_WINDOW_MICROS
        && micros < run.window().to() + AROUND_WINDOW_MICROS;
  }

  private void log() throws IOException {
    json.writeArrayFieldStart("sourceLog");
    for (SourceLog.Point point : run.sourceLog()) {
      if (!isNearWindow(point.micros())) {
        continue;
      }
      json.writeStartObject();
      number("second", (point.micros() - run.window().from()) / 1e6);
      json.writeNumberField("walBytes", point.walBytes());
      json.writeNumberField("unconfirmedBytes", point.unconfirmedBytes());
      json.writeNumberField("heldBytes", point.heldBytes());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Null if it is not known: 0 would be a figure, and mostly the best that there can be. */
  private void number(String name, double value) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumberField(name, rounded(value));
    } else {
      json.writeNullField(name);
    }
  }

  private static double rounded(double value) {
    return Math.round(value * 1_000) / 1_000.0;
  }
}
