package io.kappacdc.cli.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final int FAILURES_MAX = 5;
  private static final Duration PAUSE_MAX = Duration.ofSeconds(15);

  @Test
  void waitsLongerEachTimeAndGivesUpInTheEnd() {
    RestartPolicy policy = new RestartPolicy(FAILURES_MAX, PAUSE_MAX);

    assertThat(policy.afterFailure(NOON)).contains(Duration.ofMillis(500));
    assertThat(policy.afterFailure(NOON)).contains(Duration.ofSeconds(2));
    assertThat(policy.afterFailure(NOON)).contains(Duration.ofSeconds(8));
    assertThat(policy.afterFailure(NOON)).contains(Duration.ofSeconds(15));
    assertThat(policy.afterFailure(NOON)).contains(Duration.ofSeconds(15));
    assertThat(policy.afterFailure(NOON)).isEmpty();
  }

  @Test
  void forgetsFailuresOfLongAgo() {
    RestartPolicy policy = new RestartPolicy(FAILURES_MAX, PAUSE_MAX);
    for (int i = 0; i < FAILURES_MAX; i++) {
      policy.afterFailure(NOON);
    }

    assertThat(policy.afterFailure(NOON.plus(RestartPolicy.WINDOW).plusSeconds(1)))
        .contains(Duration.ofMillis(500));
  }

  @Test
  void neverWaitsLongerThanConfiguredHoweverOftenItFails() {
    RestartPolicy policy = new RestartPolicy(1000, Duration.ofMillis(700));

    for (int i = 0; i < 1000; i++) {
      assertThat(policy.afterFailure(NOON).orElseThrow())
          .isBetween(Duration.ofMillis(500), Duration.ofMillis(700));
    }
    assertThat(policy.afterFailure(NOON)).isEmpty();
  }
}
