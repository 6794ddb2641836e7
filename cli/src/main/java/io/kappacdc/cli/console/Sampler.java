package io.kappacdc.cli.console;

import io.kappacdc.cli.status.CaptureStatus;
import io.kappacdc.cli.status.PipelineStatus;
import io.kappacdc.cli.status.ProcessorStatus;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.config.ConsoleConfig;
import io.kappacdc.runtime.config.KappaConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows the pipeline: every two seconds what capture and processor say, into an hour's points;
 * and, while somebody looks, every ten seconds what source and Kafka answer. Thread-safe.
 */
final class Sampler implements AutoCloseable {
  static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final Duration ASKING_INTERVAL = Duration.ofSeconds(10);
  private static final Duration LOOKED_AT_MAX = Duration.ofSeconds(30);
  private static final Duration KEPT = Duration.ofHours(1);
  private static final int RECENT = 6;
  private static final int ANSWER_BYTES_MAX = 8 << 20;
  private static final int TIMEOUT_MILLIS = 1_500;

  private final KappaHome home;
  private final Supplier<KappaConfig> config;
  private final Clock clock;
  private final Points points = new Points((int) (KEPT.toSeconds() / INTERVAL.toSeconds()));
  private final ArrayDeque<Sample> recent = new ArrayDeque<>();
  private final ScheduledExecutorService threads =
      Executors.newScheduledThreadPool(
          2,
          task -> {
            Thread thread = new Thread(task, "console-sampler");
            thread.setDaemon(true);
            return thread;
          });
  private volatile long lookedAtNanos;
  private volatile @Nullable PipelineStatus asked;

  Sampler(KappaHome home, Supplier<KappaConfig> config, Clock clock) {
    this.home = home;
    this.config = config;
    this.clock = clock;
    this.lookedAtNanos = System.nanoTime() - LOOKED_AT_MAX.toNanos() - 1;
  }

  void start() {
    every(INTERVAL, this::sample);
    every(ASKING_INTERVAL, this::askIfLookedAt);
  }

  private void every(Duration interval, Runnable work) {
    threads.scheduleWithFixedDelay(
        () -> {
          try {
            work.run();
          } catch (RuntimeException e) {
            // The next try may go well; a task that throws is not run again.
          }
        },
        0,
        interval.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  /** Takes a sample now. */
  void sample() {
    ConsoleConfig console = config.get().console();
    Optional<ProcessorStatus> processor = ProcessorStatus.read(home.directory());
    String captureUrl =
        url(console.captureUrl(), CaptureStatus.read(home.directory()).map(CaptureStatus::httpUrl));
    String processorUrl = url(console.processorUrl(), processor.map(ProcessorStatus::httpUrl));
    Exposition captured = scrape(captureUrl);
    Exposition processed = scrape(processorUrl);
    add(Sample.of(System.nanoTime(), clock.millis(), captured, processed, processor.orElse(null)));
  }

  private static String url(@Nullable String configured, Optional<String> said) {
    return configured != null ? configured : said.orElse("");
  }

  synchronized void add(Sample sample) {
    Sample before = recent.peekLast();
    if (before != null) {
      points.add(sample.atMillis(), sample.since(before));
    }
    recent.addLast(sample);
    if (recent.size() > RECENT) {
      recent.removeFirst();
    }
  }

  /** Nothing of what does not answer. */
  private static Exposition scrape(String url) {
    if (url.isEmpty()) {
      return Exposition.NONE;
    }
    try {
      HttpURLConnection connection =
          (HttpURLConnection) URI.create(url + "/metrics").toURL().openConnection();
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      connection.setInstanceFollowRedirects(false);
      try (InputStream in = connection.getInputStream()) {
        String text = new String(in.readNBytes(ANSWER_BYTES_MAX), StandardCharsets.UTF_8);
        return Exposition.parse(text, "kappa_");
      }
    } catch (IOException | IllegalArgumentException e) {
      return Exposition.NONE;
    }
  }

  private void askIfLookedAt() {
    if (System.nanoTime() - lookedAtNanos < LOOKED_AT_MAX.toNanos()) {
      asked = PipelineStatus.take(home, config.get(), clock);
    }
  }

  /** Somebody looks: source and Kafka are asked, at once if they have not been for long. */
  void lookedAt() {
    boolean isFirst = System.nanoTime() - lookedAtNanos > LOOKED_AT_MAX.toNanos();
    lookedAtNanos = System.nanoTime();
    if (isFirst) {
      threads.execute(this::askIfLookedAt);
    }
  }

  Points points() {
    return points;
  }

  /** What source and Kafka answered last; null before that. */
  @Nullable PipelineStatus asked() {
    return asked;
  }

  /** Changes of a table a second over the last ten seconds or so; null if not known yet. */
  synchronized double @Nullable [] rates(String table) {
    Sample first = recent.peekFirst();
    Sample last = recent.peekLast();
    return first == null || last == null || first == last ? null : last.rates(table, first);
  }

  /** Changes of a table since the processes' start, captured and into each sink. */
  synchronized double @Nullable [] counts(String table) {
    Sample last = recent.peekLast();
    return last == null ? null : last.tables().get(table);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
