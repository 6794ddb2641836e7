package io.kappacdc.processor.stream;

import io.kappacdc.runtime.KappaException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether Kafka lets us in: queries would only try again and again. */
public final class KafkaLogin {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaLogin.class);
  private static final int SECONDS_MAX = 10;

  private KafkaLogin() {}

  /**
   * Connects once. A Kafka that does not answer is waited for by those who need it.
   *
   * @throws KappaException if Kafka refuses the login, or one side the other's certificate
   */
  public static void check(KafkaSettings kafka) throws InterruptedException {
    try (Admin admin = Admin.create(kafka.admin())) {
      admin.describeCluster().clusterId().get(SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof AuthenticationException || isConfiguration(cause)) {
          throw refused(kafka, e);
        }
      }
      LOG.warn("Kafka at {} does not answer yet: {}", kafka.bootstrapServers(), e.toString());
    }
  }

  private static boolean isConfiguration(Throwable e) {
    return e instanceof org.apache.kafka.common.config.ConfigException;
  }

  private static KappaException refused(KafkaSettings kafka, Exception e) {
    return new KappaException(
        "Cannot log in to Kafka at " + kafka.bootstrapServers() + ".",
        innermost(e),
        "Correct kafka.properties: security.protocol, sasl.mechanism and sasl.jaas.config, and the"
            + " certificates that ssl.truststore.location and ssl.keystore.location name.",
        e);
  }

  private static String innermost(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getClass().getSimpleName() + ": " + cause.getMessage();
  }
}
