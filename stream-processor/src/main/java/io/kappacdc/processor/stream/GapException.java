package io.kappacdc.processor.stream;

import io.kappacdc.runtime.KappaException;

/** Kafka does not have the records that a sink needs next; reading on would leave a gap. */
final class GapException extends KappaException {
  private static final long serialVersionUID = 1L;
  private static final String PROBLEM = "Kafka does not have the records that a sink needs next";
  private static final String REMEDY =
      "The sinks are unchanged. Read all tables anew with ./kappa capture --resnapshot, then"
          + " rebuild with ./kappa replay --from earliest --rebuild; raise kafka.retention if"
          + " records expired.";

  private final Cure cure;

  /** What may close the gap. */
  private enum Cure {
    /** Capture, by restating all tables in topics that it begins anew. */
    CAPTURE,
    /** Only a person. */
    PERSON
  }

  private GapException(String reason, String remedy, Cure cure) {
    super(PROBLEM, reason, remedy);
    this.cure = cure;
  }

  /** Whether capture may yet close the gap, by restating all tables. */
  boolean mayHeal() {
    return cure == Cure.CAPTURE;
  }

  /** Records were removed before the sink read them. */
  static GapException expired(TopicPartition partition, long earliest, long latest, long next) {
    return new GapException(
        offsets(partition, earliest, latest, next) + ": records expired unread",
        REMEDY,
        Cure.PERSON);
  }

  /** The topic is another one under the same name. */
  static GapException madeAnew(TopicPartition partition, long earliest, long latest, long next) {
    return new GapException(
        offsets(partition, earliest, latest, next) + ": the topic was made anew",
        REMEDY,
        Cure.CAPTURE);
  }

  private static String offsets(TopicPartition partition, long earliest, long latest, long next) {
    return partition
        + " has offsets "
        + earliest
        + " to "
        + latest
        + ", the sink continues at "
        + next;
  }

  /** The record at the position is none that the sink has applied. */
  static GapException otherRecord(TopicPartition partition, SinkPosition position) {
    return new GapException(
        "what "
            + partition
            + " holds at offset "
            + position.lastOffset()
            + " is not what the sink read there: the topic was made anew",
        REMEDY,
        Cure.CAPTURE);
  }

  /** A partition ends before a place where it ended already. */
  static GapException wentBack(TopicPartition partition, long end, long before) {
    return new GapException(
        partition
            + " ends at "
            + end
            + ", and ended at "
            + before
            + " before: the topic was made anew",
        REMEDY,
        Cure.CAPTURE);
  }

  /** There is no such topic, and it had records. */
  static GapException gone(TopicPartition partition, long end) {
    return new GapException(
        partition + " had records up to offset " + end + ", and the topic does not exist",
        REMEDY,
        Cure.CAPTURE);
  }

  /**
   * A task found that records are missing.
   *
   * @param reason in Spark's words
   */
  static GapException lost(String reason) {
    return new GapException(reason, REMEDY, Cure.CAPTURE);
  }

  /** Topics were lost, and capture has restated all tables since. */
  static GapException begunAnew(Iterable<String> topics, int generation) {
    return new GapException(
        String.join(", ", topics)
            + " was begun anew: Kafka had lost it, and capture has read all tables again"
            + " (generation "
            + generation
            + ")",
        "The sinks are unchanged. Set processor.on-gap: resume and start the processor again: it goes"
            + " on at the beginning of these topics. What was lost before the sinks read it is"
            + " missing from the trails.",
        Cure.PERSON);
  }

  /** Records of the new topic were taken for the continuation of the old one. */
  static GapException mixed(TopicPartition partition, SinkPosition position, String lastLsn) {
    return new GapException(
        partition
            + " was begun anew behind "
            + lastLsn
            + ", and the sink has read it up to "
            + position.position()
            + " as if it were the old one",
        "Rebuild the sinks with ./kappa replay --from earliest --rebuild.",
        Cure.PERSON);
  }
}
