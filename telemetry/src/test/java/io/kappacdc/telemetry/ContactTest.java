package io.kappacdc.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.telemetry.Health.Dependency;
import io.kappacdc.telemetry.Health.State;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ContactTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void aServerIsUpFromItsAnswerToItsFailure() {
    Contact contact = new Contact(Clock.fixed(NOW, ZoneOffset.UTC), Duration.ofSeconds(10));
    State unknown = contact.dependency().state();
    contact.answered();
    State up = contact.dependency().state();
    contact.failed("SQLSTATE 08001");

    Dependency down = contact.dependency();

    assertThat(unknown).isEqualTo(State.DEGRADED);
    assertThat(up).isEqualTo(State.UP);
    assertThat(down).isEqualTo(Dependency.down("it does not answer: SQLSTATE 08001"));
  }

  @Test
  void aServerThatAnswersAgainIsUp() {
    Contact contact = new Contact(Clock.systemUTC(), Duration.ofSeconds(60));
    contact.failed("SQLSTATE 08001");

    contact.answered();

    assertThat(contact.dependency()).isEqualTo(Dependency.up());
    assertThat(contact.isUp()).isTrue();
  }

  @Test
  void anAnswerDoesNotCountForEver() {
    Contact contact = new Contact(Clock.systemUTC(), Duration.ofSeconds(-1));
    contact.answered();

    assertThat(contact.dependency().reason()).startsWith("it has not answered for ");
    assertThat(contact.isUp()).isFalse();
  }

  @Test
  void anErrorsKindSaysNothingOfRows() {
    SQLException error =
        new SQLException("Key (id)=(4711) exists", "23505", new IOException("4711"));

    assertThat(Contact.kind(new IllegalStateException("4711", error)))
        .isEqualTo("IOException, SQLSTATE 23505");
    assertThat(Contact.kind(new SQLException("4711", "08001")))
        .isEqualTo("SQLException, SQLSTATE 08001");
  }
}
