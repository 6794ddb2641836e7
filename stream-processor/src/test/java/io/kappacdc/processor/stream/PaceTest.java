package io.kappacdc.processor.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long SMALL_BELOW = 1_000;

  private final AtomicLong nanos = new AtomicLong(-5);
  private final Pace pace = new Pace(new Pacing(SMALL_BELOW, 4), nanos::get);

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private Duration pauseAfter(long changes, Duration took) {
    pace.begin(changes);
    pass(took);
    return pace.pause();
  }

  @Test
  void thereIsNoPauseBeforeTheFirstBatch() {
    assertThat(pace.pause()).isZero();
  }

  @Test
  void aSmallBatchIsFollowedByAPauseAsManyTimesAsLongAsTheSinkWants() {
    assertThat(pauseAfter(SMALL_BELOW - 1, Duration.ofMillis(80)))
        .isEqualTo(Duration.ofMillis(320));
  }

  @Test
  void noPauseIsLongerThanItsLimit() {
    assertThat(pauseAfter(3, Duration.ofMillis(101))).isEqualTo(Pace.PAUSE_MAX);
  }

  @Test
  void aSlowBatchIsFollowedByAPauseAsLongAsItself() {
    assertThat(pauseAfter(3, Duration.ofMillis(700))).isEqualTo(Duration.ofMillis(700));
    assertThat(pauseAfter(3, Duration.ofSeconds(9))).isEqualTo(Pace.PAUSE_MAX_AFTER_SLOW);
    assertThat(pauseAfter(SMALL_BELOW, Duration.ofMillis(700))).isZero();
  }

  @Test
  void aBatchThatIsNotSmallIsFollowedByTheNext() {
    assertThat(pauseAfter(SMALL_BELOW, Duration.ofMillis(80))).isZero();
  }

  @Test
  void aChangeThatComesAfterThePauseIsNotKeptWaiting() {
    pauseAfter(3, Duration.ofMillis(80));

    pass(Duration.ofMillis(30));
    assertThat(pace.pause()).isEqualTo(Duration.ofMillis(290));
    pass(Duration.ofMillis(290));
    assertThat(pace.pause()).isZero();
    pass(Duration.ofHours(1));
    assertThat(pace.pause()).isZero();
  }
}
