package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Names and values come from the source: none may forge a line of the log or steer a terminal. */
class LogPatternTest {
  @Test
  void aMessageIsOneLineThatDoesNothing() throws Exception {
    LoggerContext context = new LoggerContext();
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(getClass().getResource("/logback.xml"));
    ConsoleAppender<ILoggingEvent> appender =
        (ConsoleAppender<ILoggingEvent>) context.getLogger("ROOT").getAppender("stderr");
    LoggingEvent event =
        new LoggingEvent(
            "",
            context.getLogger("io.kappacdc.Some"),
            Level.WARN,
            "table={}",
            null,
            new Object[] {"öde\tname\r\n10:00:00.000 ERROR forged\u001b[2J\u0007"});

    String line = new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8);

    assertThat(line)
        .endsWith(" table=öde\tname | 10:00:00.000 ERROR forged?[2J?\n")
        .containsOnlyOnce("\n");
  }
}
