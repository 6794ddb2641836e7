package io.kappacdc.capture;

import io.kappacdc.capture.publish.Publication;
import io.kappacdc.capture.publish.PublisherSettings;
import io.kappacdc.capture.publish.TransactionAssembler;
import io.kappacdc.capture.publish.TransactionalPublisher;
import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.capture.resume.SourceOffset.Phase;
import io.kappacdc.capture.source.EngineSession;
import io.kappacdc.capture.source.Preflight;
import io.kappacdc.capture.source.ServerIdentity;
import io.kappacdc.capture.source.SlotCheck;
import io.kappacdc.capture.source.SourceCatalog;
import io.kappacdc.capture.source.SourceContinuity;
import io.kappacdc.capture.source.SourceDatabase;
import io.kappacdc.capture.transform.ChangeDecoder;
import io.kappacdc.capture.transform.RowTransforms;
import io.kappacdc.runtime.config.CaptureConfig.SnapshotMode;
import io.kappacdc.runtime.config.KappaConfig;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to capture: the whole wiring, from the source to Kafka. {@link #run} blocks its
 * thread; {@link #stop} may be called from any other, at any time.
 */
final class CaptureSession {
  private static final Logger LOG = LoggerFactory.getLogger(CaptureSession.class);

  private final KappaConfig config;
  private final SnapshotPolicy policy;
  private final Runnable onReady;
  private final Clock clock;
  private @Nullable EngineSession engine;
  private boolean stopped;

  CaptureSession(KappaConfig config, SnapshotPolicy policy, Runnable onReady, Clock clock) {
    this.config = config;
    this.policy = policy;
    this.onReady = onReady;
    this.clock = clock;
  }

  /** Captures until stopped or failed. */
  void run() {
    SourceDatabase database = new SourceDatabase(config.source());
    PublisherSettings settings =
        PublisherSettings.of(config.kafka(), config.capture(), config.source().slot());
    Preflight preflight = new Preflight(database, config.source());
    ServerIdentity identity = preflight.run();
    preflight.checkSinkIsElsewhere(config.sink());
    try (RowTransforms transforms = new RowTransforms(config.capture().transforms());
        TransactionalPublisher publisher = new TransactionalPublisher(settings);
        SourceCatalog catalog = new SourceCatalog(database, config.source().publication())) {
      SourceOffset start = start(publisher, database, identity);
      LOG.info("slot={} from={}", config.source().slot(), start);
      try (TransactionAssembler assembler =
          new TransactionAssembler(start, config.capture().transactionBuffer().bytes())) {
        ChangeFlow flow =
            new ChangeFlow(
                catalog,
                new ChangeDecoder(catalog, transforms, settings.topics()),
                assembler,
                publisher,
                config.source().slot(),
                clock);
        EngineSession session =
            new EngineSession(database, config.source(), config.capture(), start, flow, onReady);
        if (begin(session)) {
          session.run();
        }
      }
    }
  }

  /**
   * Where to start, with a slot to match; whatever this decides is in Kafka before the slot moves.
   */
  private SourceOffset start(
      TransactionalPublisher publisher, SourceDatabase database, ServerIdentity identity) {
    SlotCheck slot = new SlotCheck(database, config.source().slot());
    Optional<SourceOffset> known = publisher.open();
    if (known.isEmpty()) {
      slot.requireNone();
    }
    if (known.isPresent() && known.get().isStreaming() && !policy.resnapshotIsDue()) {
      publisher.requireTopicsComplete();
      new SourceContinuity(database).require(known.get(), identity);
      slot.requireContinuous(known.get());
      return known.get().on(identity.server());
    }
    boolean anew = known.isPresent() && known.get().isStreaming();
    SourceOffset before =
        known
            .map(offset -> offset.beforeNewSnapshot(identity.server()))
            .orElseGet(() -> SourceOffset.beforeSnapshot(identity.server()));
    slot.bringLogPast(before.lsn());
    publisher.beginSnapshot(before, anew ? policy.reason() : null, micros());
    policy.resnapshotHasBegun();
    slot.dropLeftover();
    if (config.capture().snapshotMode() == SnapshotMode.INITIAL) {
      return before;
    }
    SourceOffset now = before.at(Phase.STREAMING, slot.create(), micros());
    publisher.publish(Publication.of(now));
    return now;
  }

  private long micros() {
    return java.time.temporal.ChronoUnit.MICROS.between(java.time.Instant.EPOCH, clock.instant());
  }

  private synchronized boolean begin(EngineSession session) {
    engine = session;
    return !stopped;
  }

  /** Ends the run; a Kafka transaction in hand is finished first. */
  void stop() {
    EngineSession session;
    synchronized (this) {
      stopped = true;
      session = engine;
    }
    if (session != null) {
      session.stop();
    }
  }
}
