package io.kappacdc.cli.bench.measure;

import io.kappacdc.cli.status.ProcessorStatus;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Notices batches in the status file that the processor writes once a second. For one thread. */
public final class BatchReader implements Watch.Look {
  private final Path home;
  private final Map<String, BatchTimes> times;
  private final Map<String, Long> batches = new HashMap<>();

  /**
   * @param times by sink; of other sinks nothing is noted
   */
  public BatchReader(Path home, Map<String, BatchTimes> times) {
    this.home = home;
    this.times = Map.copyOf(times);
  }

  @Override
  public void look() {
    ProcessorStatus.read(home).ifPresent(status -> status.sinks().forEach(this::note));
  }

  private void note(ProcessorStatus.SinkProgress sink) {
    BatchTimes of = times.get(sink.name());
    Long before = batches.put(sink.name(), sink.batches());
    if (of != null && before != null && before != sink.batches()) {
      long end = sink.lastCommitMillis() * 1_000;
      of.add(end - sink.lastBatchMillis() * 1_000, end);
    }
  }
}
