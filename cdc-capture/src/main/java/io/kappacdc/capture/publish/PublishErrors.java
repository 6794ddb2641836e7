package io.kappacdc.capture.publish;

import io.kappacdc.capture.resume.TransientFailure;
import io.kappacdc.runtime.KappaException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/** Tells Kafka's failures apart: what a new attempt may cure, and what a person must. */
final class PublishErrors {
  private PublishErrors() {}

  /**
   * The exception to throw.
   *
   * @param action what was tried, as in "Cannot ..."
   */
  static RuntimeException of(String action, Throwable error) {
    if (error instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof KappaException || e instanceof TransientFailure) {
        return (RuntimeException) e;
      }
      if (e instanceof ProducerFencedException || e instanceof FencedInstanceIdException) {
        return new KappaException(
            "Another capture has taken over this slot and these topics.",
            "Kafka fenced this one; only one may publish.",
            "Stop one of the two, or give it another source.slot and kafka.topic-prefix.",
            error);
      }
      if (e instanceof RecordTooLargeException) {
        return new KappaException(
            "A row is too large for Kafka.",
            "Its values exceed what the topic or the broker admits in one record ("
                + (PublisherSettings.RECORD_BYTES_MAX >> 20)
                + " MiB).",
            "Raise max.message.bytes of the table's topic, or keep such values elsewhere.",
            error);
      }
      if (e instanceof AuthenticationException) {
        return new KappaException(
            "Cannot log in to Kafka.",
            e.getMessage() + (e.getCause() == null ? "" : ": " + e.getCause().getMessage()),
            "Correct kafka.properties: security.protocol, sasl.mechanism and sasl.jaas.config, and the"
                + " certificates that ssl.truststore.location and ssl.keystore.location name.",
            error);
      }
      if (e instanceof AuthorizationException || e instanceof PolicyViolationException) {
        return new KappaException(
            "Kafka refuses to " + action + ".",
            String.valueOf(e.getMessage()),
            "Give capture's Kafka user the rights to create, read and write its topics, and to use"
                + " its transactional id.",
            error);
      }
    }
    return isPassing(error)
        ? new TransientFailure("Cannot " + action, error)
        : new KappaException(
            "Cannot " + action + ".",
            error.getClass().getSimpleName() + ": " + error.getMessage(),
            "See the broker's log.",
            error);
  }

  private static boolean isPassing(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof TimeoutException
          || e instanceof InterruptedException
          || e instanceof InterruptException
          || e instanceof org.apache.kafka.common.errors.InvalidProducerEpochException
          || e instanceof org.apache.kafka.common.errors.TransactionAbortedException
          || e instanceof org.apache.kafka.common.errors.TransactionAbortableException
          || e instanceof org.apache.kafka.common.errors.UnknownProducerIdException
          || e instanceof org.apache.kafka.common.errors.OutOfOrderSequenceException
          || e instanceof org.apache.kafka.common.errors.RetriableException) {
        return true;
      }
    }
    return false;
  }
}
