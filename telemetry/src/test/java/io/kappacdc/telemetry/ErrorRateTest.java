package io.kappacdc.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ErrorRateTest {
  private final MovedClock clock = new MovedClock();
  private final ErrorRate errors = new ErrorRate(clock);

  private static final class MovedClock extends Clock {
    private Instant now = Instant.EPOCH;

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  @Test
  void countsTheErrorsOfTheLastMinute() {
    errors.failed();
    clock.now = clock.now.plusSeconds(40);
    errors.failed();
    long both = errors.perMinute();

    clock.now = clock.now.plusSeconds(30);

    assertThat(both).isEqualTo(2);
    assertThat(errors.perMinute()).isEqualTo(1);
  }

  @Test
  void remembersABoundedNumber() {
    for (int i = 0; i < ErrorRate.ERRORS_MAX + 1; i++) {
      errors.failed();
    }

    assertThat(errors.perMinute()).isEqualTo(ErrorRate.ERRORS_MAX);
  }
}
