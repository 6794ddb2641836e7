package io.kappacdc.capture.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class SlotGrowthTest {
  private static SlotGrowth measured(long first, long perSecond, int times) {
    SlotGrowth growth = new SlotGrowth();
    for (int i = 0; i < times; i++) {
      growth.add(Instant.ofEpochSecond(i), first + i * perSecond);
    }
    return growth;
  }

  @Test
  void growthIsPerSecondOverTheLastMeasurements() {
    SlotGrowth growth = measured(0, 0, 100);
    for (int i = 100; i < 100 + SlotGrowth.MEASUREMENTS_MAX; i++) {
      growth.add(Instant.ofEpochSecond(i), (i - 100) * 50L);
    }

    assertThat(growth.bytesPerSecond()).isEqualTo(50.0);
    assertThat(measured(1_000, -20, 5).bytesPerSecond()).isEqualTo(-20.0);
    assertThat(measured(1_000, 0, 1).bytesPerSecond()).isZero();
  }

  @Test
  void aLimitIsReachedOnlyAfterAWholeWindowAboveIt() {
    int whole = SlotGrowth.MEASUREMENTS_MAX;

    assertThat(measured(100, 0, whole).staysAbove(100)).isTrue();
    assertThat(measured(100, 5, whole).staysAbove(100)).isTrue();
    assertThat(measured(100, 5, whole - 1).staysAbove(100)).as("too early to tell").isFalse();
    assertThat(measured(99, 5, whole).staysAbove(100)).as("a burst").isFalse();
    assertThat(measured(1_000, -5, whole).staysAbove(100)).as("being caught up with").isFalse();
  }
}
