package io.kappacdc.capture;

import io.kappacdc.capture.publish.Publication;
import io.kappacdc.capture.publish.PublisherSettings;
import io.kappacdc.capture.publish.TopicWatch;
import io.kappacdc.capture.publish.TransactionAssembler;
import io.kappacdc.capture.publish.TransactionalPublisher;
import io.kappacdc.capture.resume.CapturedTables;
import io.kappacdc.capture.resume.GapException;
import io.kappacdc.capture.resume.SourceOffset;
import io.kappacdc.capture.resume.SourceOffset.Phase;
import io.kappacdc.capture.resume.TableForm;
import io.kappacdc.capture.resume.TableName;
import io.kappacdc.capture.resume.TransientFailure;
import io.kappacdc.capture.source.EngineSession;
import io.kappacdc.capture.source.Preflight;
import io.kappacdc.capture.source.RunningTransactions;
import io.kappacdc.capture.source.ServerIdentity;
import io.kappacdc.capture.source.SlotCheck;
import io.kappacdc.capture.source.SourceCatalog;
import io.kappacdc.capture.source.SourceContinuity;
import io.kappacdc.capture.source.SourceDatabase;
import io.kappacdc.capture.source.TableReader;
import io.kappacdc.capture.transform.ChangeDecoder;
import io.kappacdc.capture.transform.PolicyCheck;
import io.kappacdc.capture.transform.RowTransforms;
import io.kappacdc.event.Cut;
import io.kappacdc.runtime.columns.ColumnPolicies;
import io.kappacdc.runtime.config.CaptureConfig.SnapshotMode;
import io.kappacdc.runtime.config.KappaConfig;
import io.kappacdc.telemetry.Contact;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to capture: the whole wiring, from the source to Kafka. {@link #run} blocks its
 * thread; {@link #stop} and {@link #abort} may be called from any other, at any time.
 */
final class CaptureSession {
  private static final Logger LOG = LoggerFactory.getLogger(CaptureSession.class);
  private static final String OTHER_SLOT =
      "capture has no position of slot '%s', and the topics have events";

  private final KappaConfig config;
  private final SnapshotPolicy policy;
  private final Listener listener;
  private final CaptureStatus status;
  private final Clock clock;
  private @Nullable EngineSession engine;
  private @Nullable TransactionalPublisher publishing;
  private boolean stopped;

  /** What happens in it. */
  interface Listener {
    /** Changes are being captured. */
    void ready();

    /** Kafka no longer has what was published; the session is to be aborted. */
    void lost(GapException why);
  }

  CaptureSession(
      KappaConfig config,
      SnapshotPolicy policy,
      Listener listener,
      CaptureStatus status,
      Clock clock) {
    this.config = config;
    this.policy = policy;
    this.listener = listener;
    this.status = status;
    this.clock = clock;
  }

  /** Captures until stopped or failed. */
  void run() {
    ColumnPolicies policies = ColumnPolicies.of(config.capture());
    SourceDatabase database = new SourceDatabase(config.source());
    PublisherSettings settings =
        PublisherSettings.of(config.kafka(), config.capture(), config.source().slot());
    Preflight preflight = new Preflight(database, config.source());
    ServerIdentity identity = preflight.run();
    preflight.checkSinkIsElsewhere(config.sink());
    try (RowTransforms transforms = new RowTransforms(config.capture().transforms());
        TransactionalPublisher publisher = new TransactionalPublisher(settings, status::committed);
        SourceCatalog catalog = new SourceCatalog(database, config.source())) {
      if (!policies.isEmpty()) {
        PolicyCheck.run(policies, catalog.capturedTables());
      }
      if (!begin(publisher)) {
        return;
      }
      TableRoster roster =
          new TableRoster(config.source().tables(), config.capture().snapshotMode());
      SourceOffset start =
          start(publisher, database, identity, () -> roster.first(catalog.publishedNow()));
      status.startsFrom(start, publisher.resnapshots());
      LOG.info("slot={} from={} server={}", config.source().slot(), start, identity.server());
      Map<TableName, TableForm> forms =
          start.isStreaming() ? publisher.tableForms() : catalog.forms(names(start));
      catalog.remember(forms);
      ChangeDecoder decoder = new ChangeDecoder(catalog, policies, transforms, settings.topics());
      try (TransactionAssembler assembler =
              new TransactionAssembler(start, config.capture().transactionBuffer().bytes());
          TableReader reader = new TableReader(database, config.source().publication());
          TableReader lookups = new TableReader(database, config.source().publication());
          TableSnapshots tables =
              new TableSnapshots(
                  new TableChanges(forms, start.isStreaming(), catalog, assembler),
                  catalog,
                  roster,
                  reader,
                  decoder,
                  assembler,
                  publisher,
                  status,
                  clock);
          TopicWatch watch =
              TopicWatch.start(
                  settings, publisher, config.source().slotCheckInterval(), new TopicsWatched())) {
        ChangeFlow flow =
            new ChangeFlow(
                catalog,
                decoder,
                assembler,
                publisher,
                tables,
                new JoiningChanges(tables, assembler, catalog, lookups),
                config.source().slot(),
                clock);
        Watched watched = new Watched(flow, publisher, database, identity, start);
        EngineSession session =
            new EngineSession(
                database, config.source(), config.capture(), start, watched, listener::ready);
        if (begin(session)) {
          session.run();
        }
      }
    }
  }

  private static List<TableName> names(SourceOffset offset) {
    return offset.tables().tables().stream()
        .map(table -> new TableName(table.schema(), table.table()))
        .toList();
  }

  /** What becomes of the topics meanwhile. */
  private final class TopicsWatched implements TopicWatch.Listener {
    @Override
    public void lost(GapException why) {
      listener.lost(why);
    }

    @Override
    public void answered() {
      status.kafka().answered();
    }

    @Override
    public void isSilent(KafkaException why) {
      status.kafka().failed(Contact.kind(why));
    }
  }

  /**
   * The flow, behind a last check when the engine's connection stands, and with its status told.
   */
  private final class Watched implements EngineSession.Batches {
    private final ChangeFlow flow;
    private final TransactionalPublisher publisher;
    private final SourceDatabase database;
    private final ServerIdentity identity;
    private final SourceOffset start;
    private boolean checked;

    Watched(
        ChangeFlow flow,
        TransactionalPublisher publisher,
        SourceDatabase database,
        ServerIdentity identity,
        SourceOffset start) {
      this.flow = flow;
      this.publisher = publisher;
      this.database = database;
      this.identity = identity;
      this.start = start;
    }

    @Override
    public @Nullable SourceOffset handle(List<SourceRecord> records) {
      if (!checked) {
        requireNothingHasChanged();
        checked = true;
      }
      SourceOffset committed = flow.handle(records);
      status.snapshotRead(flow.snapshotReads());
      if (committed != null) {
        status.published(committed, publisher.resnapshots());
      }
      return committed;
    }

    /**
     * Between the checks and the engine's connection another server may have taken over, and a slot
     * that vanished then the engine creates anew, without what it has missed.
     */
    private void requireNothingHasChanged() {
      ServerIdentity now = ServerIdentity.read(database);
      if (!now.server().equals(identity.server())) {
        throw new TransientFailure("Another server has taken over: " + now.server(), null);
      }
      if (start.isStreaming()) {
        new SlotCheck(database, config.source().slot()).requireContinuous(start);
      }
    }
  }

  /**
   * Where to start, with a slot to match; whatever this decides is in Kafka before the slot moves.
   */
  private SourceOffset start(
      TransactionalPublisher publisher,
      SourceDatabase database,
      ServerIdentity identity,
      Supplier<CapturedTables> tables) {
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
    Optional<Cut> former = publisher.former();
    String reason =
        known.isPresent() && known.get().isStreaming()
            ? policy.reason()
            : former.map(cut -> OTHER_SLOT.formatted(config.source().slot())).orElse(null);
    SourceOffset before =
        known
            .map(offset -> offset.beforeNewSnapshot(identity.server()))
            .orElseGet(() -> SourceOffset.beforeSnapshot(identity.server()))
            .with(tables.get());
    slot.bringLogPast(former.map(Cut::lsn).orElse(before.lsn()));
    publisher.beginSnapshot(before, reason, micros());
    policy.resnapshotHasBegun();
    slot.dropLeftover();
    status.startsFrom(before, publisher.resnapshots());
    new RunningTransactions(database, clock).awaitEnd(this::isStopped, status::waitsFor);
    if (config.capture().snapshotMode() == SnapshotMode.INITIAL) {
      return before;
    }
    SourceOffset now = before.at(Phase.STREAMING, slot.create(), micros());
    publisher.publish(Publication.of(now));
    return now;
  }

  private long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
  }

  private synchronized boolean begin(TransactionalPublisher publisher) {
    publishing = publisher;
    return !stopped;
  }

  private synchronized boolean begin(EngineSession session) {
    engine = session;
    return !stopped;
  }

  private synchronized boolean isStopped() {
    return stopped;
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

  /** Ends the run at once: what is in hand fails. */
  void abort() {
    TransactionalPublisher publisher;
    synchronized (this) {
      publisher = publishing;
    }
    if (publisher != null) {
      publisher.abandon();
    }
    stop();
  }
}
