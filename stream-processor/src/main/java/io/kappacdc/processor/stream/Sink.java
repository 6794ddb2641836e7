package io.kappacdc.processor.stream;

import io.kappacdc.event.Cut;
import java.util.Map;

/**
 * One of the stores. Fed by one streaming query of its own, so that a slow sink holds up no other.
 * Called by that query's thread alone.
 */
public interface Sink extends AutoCloseable {
  /** Name in logs, metrics and status, e.g. {@code postgres-trail}. */
  String name();

  /** How its batches are to follow each other. */
  Pacing pacing();

  /**
   * How far the store is, read from the store itself; partitions it has never seen are missing.
   * Called before each query that feeds it; what had stopped gets another try.
   */
  Map<TopicPartition, SinkPosition> positions();

  /**
   * Writes a batch and its positions in the same commit of each table, and returns when all are
   * committed. Records at or before the store's positions are skipped, so that a repeated or
   * replayed batch changes nothing.
   */
  BatchOutcome write(ChangeBatch batch);

  /**
   * Records that the store stands at a moment of the source: it holds everything up to this
   * COMPLETE cut, and nothing behind it, in all partitions that have not stopped. Called after the
   * {@link #write} of the batch that ended on the cut, and when the cut of an idle source has moved
   * on; also again for cuts that were recorded already. How often it is recorded is the sink's
   * choice.
   */
  void completed(Cut cut);

  /**
   * The generation of the topics that the store was last fed from, as of the last call of {@link
   * #positions}; 0 if it has recorded none.
   */
  int generation();

  /**
   * Moves partitions of topics that were made anew back to their beginning. What the store has of
   * them stays, and so do the positions that keep it from being written again. Called before a
   * query starts; may be repeated after a crash.
   *
   * @param nextOffsets the offset to read next
   * @param generation of the topics, recorded when all partitions were moved
   */
  void beginAnew(Map<TopicPartition, Long> nextOffsets, int generation);

  /** Partitions that stopped because their records could not be applied, each with the reason. */
  Map<TopicPartition, String> stopped();

  /**
   * How many records the store has in quarantine, for being no events of ours. They are there
   * before the store's position passes them.
   */
  long quarantined();

  @Override
  void close();
}
