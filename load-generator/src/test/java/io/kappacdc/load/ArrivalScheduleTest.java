package io.kappacdc.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ArrivalScheduleTest {
  private static final long MILLI = 1_000_000;

  private static ArrivalSchedule steady() {
    return new ArrivalSchedule(100, Duration.ofSeconds(2), Profile.STEADY);
  }

  @Test
  void spacesArrivalsEvenly() {
    ArrivalSchedule schedule = steady();

    assertThat(schedule.nanosOf(0)).isZero();
    assertThat(schedule.nanosOf(150)).isEqualTo(1_500 * MILLI);
    assertThat(schedule.dueBy(0)).isEqualTo(1);
    assertThat(schedule.dueBy(995 * MILLI)).isEqualTo(100);
    assertThat(schedule.dueBy(-1)).isZero();
  }

  @Test
  void hasNoArrivalAtOrAfterItsEnd() {
    ArrivalSchedule schedule = steady();

    assertThat(schedule.total()).isEqualTo(200);
    assertThat(schedule.nanosOf(schedule.total() - 1)).isLessThan(2_000 * MILLI);
    assertThat(schedule.dueBy(Long.MAX_VALUE)).isEqualTo(200);
  }

  @Test
  void rampBringsHalfOfTheArrivalsInTheLastThirdOfTheTime() {
    ArrivalSchedule schedule = new ArrivalSchedule(1_000, Duration.ofMinutes(1), Profile.RAMP);

    assertThat(schedule.total()).isEqualTo(30_000);
    assertThat(schedule.nanosOf(15_000) / 1e9).isCloseTo(60 / Math.sqrt(2), within(0.01));
    assertThat(schedule.dueBy(6_000 * MILLI)).isCloseTo(300, within(1L));
  }

  @Test
  void tenfoldGoesFromATenthToTheHighestRate() {
    ArrivalSchedule schedule =
        new ArrivalSchedule(100_000, Duration.ofMinutes(10), Profile.TENFOLD);

    assertThat(schedule.total()).isEqualTo(33_000_000);
    long firstSecond = schedule.dueBy(1_000 * MILLI);
    long lastSecond = schedule.total() - schedule.dueBy(599_000 * MILLI);
    assertThat(firstSecond).isCloseTo(10_075, within(2L));
    assertThat(lastSecond).isCloseTo(99_925, within(2L));
  }

  @Test
  void spikeIsFiveTimesAsHigh() {
    ArrivalSchedule schedule = new ArrivalSchedule(500, Duration.ofSeconds(10), Profile.SPIKE);

    assertThat(schedule.dueBy(4_000 * MILLI - 1)).isEqualTo(400);
    assertThat(schedule.dueBy(6_000 * MILLI - 1)).isEqualTo(1_400);
    assertThat(schedule.total()).isEqualTo(1_800);
  }

  @ParameterizedTest
  @EnumSource(Profile.class)
  void everyArrivalIsDueFromItsOwnTimeOn(Profile profile) {
    ArrivalSchedule schedule = new ArrivalSchedule(37.3, Duration.ofSeconds(29), profile);

    long before = -1;
    for (long index = 0; index < schedule.total(); index++) {
      long nanos = schedule.nanosOf(index);
      assertThat(nanos).isGreaterThan(before);
      assertThat(schedule.dueBy(nanos)).isEqualTo(index + 1);
      assertThat(schedule.dueBy(nanos - 1)).isEqualTo(index);
      before = nanos;
    }
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
