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

  private GapException(String reason) {
    super(PROBLEM, reason, REMEDY);
  }

  /** Records were removed before the sink read them. */
  static GapException expired(TopicPartition partition, long earliest, long latest, long next) {
    return new GapException(
        offsets(partition, earliest, latest, next) + ": records expired unread");
  }

  /** The topic is another one under the same name. */
  static GapException madeAnew(TopicPartition partition, long earliest, long latest, long next) {
    return new GapException(
        offsets(partition, earliest, latest, next) + ": the topic was made anew");
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

  /** A partition ends before a place where it ended already. */
  static GapException wentBack(TopicPartition partition, long end, long before) {
    return new GapException(
        partition
            + " ends at "
            + end
            + ", and ended at "
            + before
            + " before: the topic was made anew");
  }

  /** There is no such topic, and it had records. */
  static GapException gone(TopicPartition partition, long end) {
    return new GapException(
        partition + " had records up to offset " + end + ", and the topic does not exist");
  }
}
