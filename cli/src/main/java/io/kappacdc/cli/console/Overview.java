package io.kappacdc.cli.console;

import io.kappacdc.cli.console.Points.Point;
import io.kappacdc.cli.status.CaptureStatus;
import io.kappacdc.cli.status.KafkaStatus;
import io.kappacdc.cli.status.PipelineStatus;
import io.kappacdc.cli.status.ProcessorStatus;
import io.kappacdc.cli.status.SourceStatus;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Lsn;
import io.kappacdc.runtime.KappaHome;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where every stage stands, and the newest points: what the page asks for again and again. */
final class Overview {
  private static final Duration SILENCE_MAX = Duration.ofSeconds(10);

  /** The alerts' threshold. */
  private static final double LAG_SECONDS_MAX = 60;

  private static final int NOW_POINTS = 3;
  private static final int WHOLE_POINTS = 150;
  private static final int GROUP = 4;

  private final KappaHome home;
  private final Sampler sampler;
  private final Clock clock;

  Overview(KappaHome home, Sampler sampler, Clock clock) {
    this.home = home;
    this.sampler = sampler;
    this.clock = clock;
  }

  /** How a stage does, from best to worst. */
  enum State {
    OK,
    UNKNOWN,
    ATTENTION,
    DOWN;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A stage's state with what there is to say of it. */
  private static final class Stage {
    private final String id;
    private State state = State.OK;
    private final List<String> says = new ArrayList<>();
    private final Map<String, @Nullable Object> figures = Json.object();

    private Stage(String id) {
      this.id = id;
    }

    private Stage note(State worst, String sentence) {
      state = state.compareTo(worst) < 0 ? worst : state;
      says.add(sentence);
      return this;
    }

    private Map<String, @Nullable Object> json() {
      return Json.object("id", id, "state", state.word(), "says", says, "figures", figures);
    }
  }

  /**
   * As an object for the page.
   *
   * @param since the newest point that the page has, 0 for none
   */
  Map<String, @Nullable Object> json(long since) {
    sampler.lookedAt();
    Instant now = clock.instant();
    List<Point> last = sampler.points().last(NOW_POINTS);
    @Nullable Point current = last.isEmpty() ? null : Points.fold(last);
    List<Stage> stages = new ArrayList<>();
    stages.add(source(now));
    stages.add(capture(now, current));
    stages.add(kafka(now, current));
    stages.addAll(sinks(now, current));
    State worst =
        stages.stream().map(stage -> stage.state).max(State::compareTo).orElse(State.UNKNOWN);
    List<Point> points = sampler.points().since(since, WHOLE_POINTS, GROUP);
    return Json.object(
        "at",
        now.toEpochMilli(),
        "state",
        worst.word(),
        "stages",
        stages.stream().map(Stage::json).toList(),
        "fields",
        Field.ALL.stream().map(Field::name).toList(),
        "sequence",
        points.isEmpty() ? since : points.get(points.size() - 1).sequence(),
        "points",
        points.stream().map(Overview::row).toList());
  }

  private static List<Object> row(Point point) {
    List<Object> row = new ArrayList<>(point.values().length + 1);
    row.add(point.atMillis());
    for (double value : point.values()) {
      row.add(value);
    }
    return row;
  }

  private static void figure(Stage stage, String name, @Nullable Point point, String field) {
    stage.figures.put(name, point == null ? null : point.values()[Field.index(field)]);
  }

  private static void lag(Stage stage, @Nullable Point point, String field) {
    figure(stage, "lag", point, field);
    if (stage.figures.get("lag") instanceof Double seconds && seconds > LAG_SECONDS_MAX) {
      stage.note(State.ATTENTION, "It is %,.0f s behind the source.".formatted(seconds));
    }
  }

  private Stage source(Instant now) {
    Stage stage = new Stage("source");
    PipelineStatus asked = sampler.asked();
    if (asked == null) {
      return stage.note(State.UNKNOWN, "Not asked yet.");
    }
    SourceStatus source = asked.source().value();
    if (source == null) {
      return stage.note(State.DOWN, "No answer: " + asked.source().problem());
    }
    stage.figures.put("lsn", source.currentLsn());
    stage.figures.put("askedMillisAgo", Duration.between(asked.at(), now).toMillis());
    SourceStatus.Slot slot = source.slot();
    if (slot == null) {
      return stage.note(State.DOWN, "The replication slot does not exist.");
    }
    stage.figures.put("slot", slot.name());
    stage.figures.put("walStatus", slot.walStatus());
    stage.figures.put("walHeldBytes", slot.walHeldBytes());
    stage.figures.put("unconfirmedBytes", slot.unconfirmedBytes());
    return slot.active()
        ? stage
        : stage.note(State.ATTENTION, "Nobody streams from the slot " + slot.name() + ".");
  }

  private Stage capture(Instant now, @Nullable Point point) {
    Stage stage = new Stage("capture");
    figure(stage, "rate", point, "capture.rate");
    lag(stage, point, "capture.lag");
    Optional<CaptureStatus> said = CaptureStatus.read(home.directory());
    if (said.isEmpty()) {
      return stage.note(
          point != null && Double.isFinite(point.values()[0]) ? State.OK : State.UNKNOWN,
          "It has not said anything in this home.");
    }
    CaptureStatus capture = said.get();
    stage.figures.put("phase", capture.phase().toLowerCase(Locale.ROOT));
    stage.figures.put("snapshotRows", capture.snapshotRows());
    silence(stage, now, capture.writtenMillis());
    if (!capture.isWorking()) {
      stage.note(
          State.DOWN,
          "It is " + capture.phase().toLowerCase(Locale.ROOT) + ": " + capture.lastError());
    } else if (!capture.lastError().isEmpty()) {
      stage.note(State.OK, "Its last error: " + capture.lastError());
    }
    if (!capture.waitsFor().isEmpty()) {
      stage.note(State.ATTENTION, "It waits: " + capture.waitsFor());
    }
    CaptureStatus.Slot slot = capture.slot();
    if (slot != null && !slot.warning().isEmpty()) {
      stage.note(State.ATTENTION, slot.warning());
    }
    for (CaptureStatus.Unread table : capture.unread()) {
      stage.note(
          table.refused().isEmpty() ? State.OK : State.ATTENTION,
          table.refused().isEmpty()
              ? "Reading %s, %,d rows so far.".formatted(table.table(), table.rows())
              : "%s lacks rows and is not read: %s".formatted(table.table(), table.refused()));
    }
    return stage;
  }

  private static void silence(Stage stage, Instant now, long writtenMillis) {
    Duration silence = Duration.ofMillis(now.toEpochMilli() - writtenMillis);
    if (silence.compareTo(SILENCE_MAX) > 0) {
      stage.note(
          State.DOWN,
          "Silent for %,d s; this is what it said last.".formatted(silence.toSeconds()));
    }
  }

  private Stage kafka(Instant now, @Nullable Point point) {
    Stage stage = new Stage("kafka");
    figure(stage, "bytes", point, "capture.bytes");
    PipelineStatus asked = sampler.asked();
    if (asked == null) {
      return stage.note(State.UNKNOWN, "Not asked yet.");
    }
    KafkaStatus kafka = asked.kafka().value();
    if (kafka == null) {
      return stage.note(State.DOWN, "No answer: " + asked.kafka().problem());
    }
    stage.figures.put("topics", kafka.endOffsets().size());
    stage.figures.put(
        "endOffsets", kafka.endOffsets().values().stream().flatMapToLong(Arrays::stream).sum());
    Cut cut = kafka.lastCut();
    if (cut == null) {
      return stage.note(State.UNKNOWN, "There is no cut yet.");
    }
    stage.figures.put("cutLsn", Lsn.format(cut.lsn()));
    stage.figures.put("cutAgeMillis", Math.max(0, now.toEpochMilli() - cut.commitMicros() / 1000));
    return stage;
  }

  private List<Stage> sinks(Instant now, @Nullable Point point) {
    Optional<ProcessorStatus> said = ProcessorStatus.read(home.directory());
    List<Stage> stages = new ArrayList<>();
    for (String name : Field.SINKS) {
      Stage stage = new Stage(name);
      for (String figure : List.of("rate", "lagEvents", "p50", "p99")) {
        figure(stage, figure, point, name + '.' + figure);
      }
      lag(stage, point, name + ".lag");
      Optional<ProcessorStatus.SinkProgress> progress = said.flatMap(status -> status.sink(name));
      if (progress.isPresent()) {
        silence(stage, now, said.orElseThrow().writtenMillis());
        sink(stage, progress.get());
      } else {
        stage.note(
            State.UNKNOWN,
            said.isEmpty()
                ? "The processor has not said anything in this home."
                : "The processor does not feed it.");
      }
      stages.add(stage);
    }
    return stages;
  }

  private static void sink(Stage stage, ProcessorStatus.SinkProgress progress) {
    stage.figures.put("changes", progress.rows());
    stage.figures.put("batches", progress.batches());
    stage.figures.put("lastCommitMillis", progress.lastCommitMillis());
    stage.figures.put("lastBatchMillis", progress.lastBatchMillis());
    stage.figures.put("restarts", progress.restarts());
    stage.figures.put("quarantined", progress.quarantined());
    ProcessorStatus.Complete complete = progress.complete();
    if (complete != null) {
      stage.figures.put("completeLsn", complete.lsn());
      stage.figures.put("completeMillis", complete.time().toEpochMilli());
    }
    if (!progress.running()) {
      stage.note(State.DOWN, "Its query does not run.");
    }
    if (!progress.lastError().isEmpty()) {
      stage.note(
          progress.running() ? State.OK : State.DOWN,
          "%,d restarts; the last error: %s".formatted(progress.restarts(), progress.lastError()));
    }
    progress
        .stopped()
        .forEach(
            (partition, reason) ->
                stage.note(State.ATTENTION, "Stopped " + partition + ": " + reason));
    if (progress.quarantined() > 0) {
      stage.note(State.ATTENTION, "Records in quarantine: %,d.".formatted(progress.quarantined()));
    }
  }
}
