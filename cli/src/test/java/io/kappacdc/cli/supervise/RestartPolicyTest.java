package io.kappacdc.cli.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  @Test
  void waitsLongerEachTimeAndGivesUpInTheEnd() {
    RestartPolicy policy = new RestartPolicy();

    assertThat(policy.afterFailure(NOON)).contains(Duration.ofMillis(500));
    assertThat(policy.afterFailure(NOON)).contains(Duration.ofSeconds(2));
    assertThat(policy.afterFailure(NOON)).contains(Duration.ofSeconds(8));
    assertThat(policy.afterFailure(NOON)).contains(Duration.ofSeconds(15));
    assertThat(policy.afterFailure(NOON)).contains(Duration.ofSeconds(15));
    assertThat(policy.afterFailure(NOON)).isEmpty();
  }

  @Test
  void forgetsFailuresOfLongAgo() {
    RestartPolicy policy = new RestartPolicy();
    for (int i = 0; i < RestartPolicy.FAILURES_MAX; i++) {
      policy.afterFailure(NOON);
    }

    assertThat(policy.afterFailure(NOON.plus(RestartPolicy.WINDOW).plusSeconds(1)))
        .contains(Duration.ofMillis(500));
  }
}
