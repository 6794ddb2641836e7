package io.kappacdc.processor.lake;

import static io.kappacdc.processor.lake.CheckpointPace.VERSIONS_MAX;
import static io.kappacdc.processor.lake.CheckpointPace.VERSIONS_MIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CheckpointPaceTest {
  private long now = 1_000;
  private final CheckpointPace pace = new CheckpointPace(() -> now);

  private void checkpoint(long seconds) {
    pace.timed(() -> pass(seconds)).run();
  }

  private void pass(long seconds) {
    now += TimeUnit.SECONDS.toNanos(seconds);
  }

  @Test
  void aTableThatHasFewVersionsGetsNone() {
    assertThat(pace.begin(VERSIONS_MIN - 1)).isFalse();
    assertThat(pace.begin(VERSIONS_MIN)).isTrue();
  }

  @Test
  void oneFollowsAnotherOnlyAfterNineteenTimesWhatThatTook() {
    assertThat(pace.begin(VERSIONS_MIN)).isTrue();
    checkpoint(2);

    pass(37);
    assertThat(pace.begin(VERSIONS_MAX - 1)).isFalse();
    pass(1);
    assertThat(pace.begin(VERSIONS_MIN)).isTrue();
  }

  @Test
  void anotherTableWaitsWhileOneIsWritten() {
    assertThat(pace.begin(VERSIONS_MIN)).isTrue();

    assertThat(pace.begin(VERSIONS_MIN)).isFalse();
  }

  @Test
  void aLongLogDoesNotWait() {
    assertThat(pace.begin(VERSIONS_MIN)).isTrue();

    assertThat(pace.begin(VERSIONS_MAX)).isTrue();
    checkpoint(2);
    assertThat(pace.begin(VERSIONS_MAX)).isTrue();
  }

  @Test
  void oneThatFailsCountsToo() {
    assertThat(pace.begin(VERSIONS_MIN)).isTrue();
    Runnable failing =
        pace.timed(
            () -> {
              pass(1);
              throw new IllegalStateException("disk full");
            });

    assertThatThrownBy(failing::run).hasMessage("disk full");
    assertThat(pace.begin(VERSIONS_MIN)).isFalse();
    pass(19);
    assertThat(pace.begin(VERSIONS_MIN)).isTrue();
  }
}
