package io.kappacdc.capture.source;

import io.kappacdc.capture.resume.GapException;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.DataSize;
import io.kappacdc.runtime.config.SourceConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the slot for as long as capture runs, whether it gets on or not, on a thread and a
 * connection of its own: how much log it holds and how fast that grows, and whether it still is the
 * slot that capture relies on.
 */
public final class SlotGuardian implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SlotGuardian.class);
  private static final Duration WARN_AGAIN = Duration.ofMinutes(5);
  private static final Duration WARN_BEFORE_LIMIT = Duration.ofHours(1);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);
  private static final int QUERY_SECONDS_MAX = 10;

  /** What it tells, on its own thread. */
  public interface Listener {
    /** The source has answered. */
    void answered();

    /** The source does not answer. */
    void isSilent(SQLException why);

    /**
     * The newest figures.
     *
     * @param warning what is wrong with them; null if nothing is
     */
    void measured(SlotMeasurement measurement, @Nullable String warning);

    /** Capture must end its session: going on would leave a gap, or the limit says so. */
    void mustStop(KappaException why);

    /** The slot is to be dropped, and a new snapshot to be taken. */
    void mustGiveUpSlot(GapException why);
  }

  /**
   * What a session that streams has published.
   *
   * @param session tells sessions apart
   */
  public record Streaming(long session, long lsn) {}

  private final SourceDatabase database;
  private final SourceConfig config;
  private final Supplier<@Nullable Streaming> streaming;
  private final Listener listener;
  private final Clock clock;
  private final SlotCheck check;
  private final SlotGrowth growth = new SlotGrowth();
  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private final Thread thread;
  private @Nullable Connection connection;
  private @Nullable Instant warned;
  private boolean limitApplied;

  private SlotGuardian(
      SourceConfig config,
      Supplier<@Nullable Streaming> streaming,
      Listener listener,
      Clock clock) {
    this.database = new SourceDatabase(config);
    this.config = config;
    this.streaming = streaming;
    this.listener = listener;
    this.clock = clock;
    this.check = new SlotCheck(database, config.slot());
    this.thread = new Thread(this::run, "slot-guardian");
    thread.setDaemon(true);
  }

  /**
   * Starts watching.
   *
   * @param streaming what is published; null while no session streams
   */
  public static SlotGuardian start(
      SourceConfig config,
      Supplier<@Nullable Streaming> streaming,
      Listener listener,
      Clock clock) {
    SlotGuardian guardian = new SlotGuardian(config, streaming, listener, clock);
    guardian.thread.start();
    return guardian;
  }

  private void run() {
    try {
      do {
        try {
          look();
          listener.answered();
        } catch (SQLException e) {
          LOG.debug("Cannot measure the slot now", e);
          listener.isSilent(e);
          disconnect();
        }
      } while (!stopRequested.await(config.slotCheckInterval().toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      disconnect();
    }
  }

  private void look() throws SQLException {
    Streaming before = streaming.get();
    Optional<SlotState> slot = SlotState.read(connection(), config.slot(), QUERY_SECONDS_MAX);
    Streaming now = streaming.get();
    if (before != null && now != null && before.session() == now.session()) {
      try {
        check.requireContinuous(slot, now.lsn());
      } catch (KappaException e) {
        listener.mustStop(e);
        return;
      }
    }
    if (slot.isEmpty()) {
      growth.forget();
      limitApplied = false;
      return;
    }
    measure(slot.get());
  }

  private void measure(SlotState slot) {
    Instant at = clock.instant();
    growth.add(at, slot.heldBytes());
    SlotMeasurement measurement =
        new SlotMeasurement(
            at,
            slot.walStatus(),
            slot.heldBytes(),
            slot.unconfirmedBytes(),
            growth.bytesPerSecond(),
            leftBytes(slot),
            slot.failover());
    String warning = warning(measurement);
    listener.measured(measurement, warning);
    log(measurement, warning);
    applyLimit(measurement);
  }

  private @Nullable Long leftBytes(SlotState slot) {
    DataSize limit = config.slotWalLimit();
    if (limit == null) {
      return slot.safeBytes();
    }
    long left = limit.bytes() - slot.heldBytes();
    return slot.safeBytes() == null ? left : Long.valueOf(Math.min(left, slot.safeBytes()));
  }

  private @Nullable String warning(SlotMeasurement measured) {
    String holder =
        measured.isHeldByAnOpenTransaction()
            ? "a transaction of the source that does not end holds most of it"
            : "capture is behind";
    if (measured.walStatus().equals("unreserved")) {
      return "the server is about to give the slot up: max_slot_wal_keep_size; " + holder;
    }
    Long left = measured.leftSeconds();
    if (left != null && left < WARN_BEFORE_LIMIT.toSeconds()) {
      return "the limit is reached in " + left + " s; " + holder;
    }
    return measured.heldBytes() >= config.slotWalWarn().bytes()
        ? "the slot holds more than source.slot-wal-warn; " + holder
        : null;
  }

  private void log(SlotMeasurement measured, @Nullable String warning) {
    if (warning == null) {
      if (warned != null) {
        warned = null;
        LOG.info("slot={} heldBytes={} well again", config.slot(), measured.heldBytes());
      }
      return;
    }
    if (warned != null && Duration.between(warned, measured.at()).compareTo(WARN_AGAIN) < 0) {
      return;
    }
    warned = measured.at();
    LOG.warn(
        "slot={} heldBytes={} unconfirmedBytes={} growthBytesPerSecond={} walStatus={}"
            + " leftBytes={} leftSeconds={}: {}",
        config.slot(),
        measured.heldBytes(),
        measured.unconfirmedBytes(),
        Math.round(measured.growthBytesPerSecond()),
        measured.walStatus(),
        measured.leftBytes(),
        measured.leftSeconds(),
        warning);
  }

  /** Once, until the slot is another one or holds less; a burst that is caught up with is none. */
  private void applyLimit(SlotMeasurement measured) {
    DataSize limit = config.slotWalLimit();
    if (limit == null || measured.heldBytes() < limit.bytes()) {
      limitApplied = false;
      return;
    }
    if (limitApplied || !growth.staysAbove(limit.bytes())) {
      return;
    }
    switch (config.slotWalPolicy()) {
      case CONTINUE -> {} // it was warned about
      case STOP -> {
        limitApplied = true;
        listener.mustStop(limitReached(measured, limit));
      }
      case RESNAPSHOT -> {
        limitApplied = true;
        listener.mustGiveUpSlot(
            GapException.of(
                "Replication slot '" + config.slot() + "' held too much WAL and is given up.",
                reason(measured, limit),
                "Find out why capture was behind"));
      }
    }
  }

  private KappaException limitReached(SlotMeasurement measured, DataSize limit) {
    return new KappaException(
        "Replication slot '" + config.slot() + "' holds too much WAL.",
        reason(measured, limit),
        "Cure what keeps capture behind and start it again: it goes on as long as the WAL shrinks."
            + " To free the WAL at once, at the price of a new snapshot, run"
            + "  SELECT pg_drop_replication_slot('"
            + config.slot()
            + "');  and start capture once with --resnapshot.");
  }

  private static String reason(SlotMeasurement measured, DataSize limit) {
    return "It holds "
        + (measured.heldBytes() >> 20)
        + " MiB, source.slot-wal-limit is "
        + (limit.bytes() >> 20)
        + " MiB, and "
        + (measured.isHeldByAnOpenTransaction()
            ? "a transaction of the source that does not end holds most of it."
            : "capture is not catching up.");
  }

  private Connection connection() throws SQLException {
    Connection open = connection;
    if (open == null) {
      open = database.connect();
      connection = open;
    }
    return open;
  }

  private void disconnect() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        LOG.debug("Closing the guardian's connection", e);
      }
    }
  }

  @Override
  public void close() {
    stopRequested.countDown();
    try {
      thread.join(STOP_PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
