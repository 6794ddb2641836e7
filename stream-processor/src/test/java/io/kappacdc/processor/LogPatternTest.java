package io.kappacdc.processor;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.ConfigurationFactory;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.api.Test;

/** Names and values come from the source: none may forge a line of the log or steer a terminal. */
class LogPatternTest {
  @Test
  void aMessageIsOneLineThatDoesNothing() throws Exception {
    LoggerContext context = new LoggerContext("pattern");
    Configuration configuration =
        ConfigurationFactory.getInstance()
            .getConfiguration(
                context, "pattern", getClass().getResource("/log4j2.properties").toURI());
    configuration.initialize();
    Log4jLogEvent event =
        Log4jLogEvent.newBuilder()
            .setLoggerName("io.kappacdc.Some")
            .setLevel(Level.WARN)
            .setMessage(
                new SimpleMessage(
                    "table=öde\tname\r\n2026-01-01T00:00:00,000 ERROR forged\u001b[2J\u0007"))
            .build();

    String line = configuration.getAppender("console").getLayout().toSerializable(event).toString();

    assertThat(line)
        .endsWith(" table=öde\tname | 2026-01-01T00:00:00,000 ERROR forged?[2J?\n")
        .containsOnlyOnce("\n");
  }
}
