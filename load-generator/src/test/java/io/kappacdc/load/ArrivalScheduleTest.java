package io.kappacdc.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ArrivalScheduleTest {
  private static final long MILLI = 1_000_000;

  @Test
  void spacesArrivalsEvenly() {
    ArrivalSchedule schedule = new ArrivalSchedule(100, Duration.ofSeconds(2));

    assertThat(schedule.nanosOf(0)).isZero();
    assertThat(schedule.nanosOf(150)).isEqualTo(1_500 * MILLI);
    assertThat(schedule.dueBy(0)).isEqualTo(1);
    assertThat(schedule.dueBy(995 * MILLI)).isEqualTo(100);
  }

  @Test
  void hasNoArrivalAtOrAfterItsEnd() {
    ArrivalSchedule schedule = new ArrivalSchedule(100, Duration.ofSeconds(2));

    assertThat(schedule.total()).isEqualTo(200);
    assertThat(schedule.nanosOf(schedule.total() - 1)).isLessThan(2_000 * MILLI);
  }

  @Test
  void mixTakesThreeShares() {
    assertThat(Mix.parse("60/30/10")).isEqualTo(new Mix(60, 30, 10));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mix.parse("60/40"))
        .withMessage("expected inserts/updates/deletes such as 60/30/10");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mix.parse("0/0/0"))
        .withMessage("expected shares from 0 with a positive total");
  }
}
