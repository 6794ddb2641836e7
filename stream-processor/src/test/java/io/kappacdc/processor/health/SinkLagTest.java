package io.kappacdc.processor.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.event.Cut;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SinkLagTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);

  private static Cut cut(long micros, Map<String, long[]> ends) {
    return new Cut(Cut.State.COMPLETE, 8, micros, 1, new TreeMap<>(ends));
  }

  @Test
  void countsOffsetsUpToTheNewestCutOfTopicsThatTheSinkDoesNotKnowToo() {
    Cut newest = cut(0, Map.of("a", new long[] {10, 20}, "b", new long[] {5}));

    SinkLag lag = SinkLag.of(newest, Map.of("a", new long[] {10, 12}), null, NOW);

    assertThat(lag.events()).isEqualTo(8 + 5);
    assertThat(lag.seconds()).isNull();
  }

  @Test
  void isNotLessThanNothingWhenTheSinkIsBeyondTheCut() {
    Cut newest = cut(0, Map.of("a", new long[] {10}));

    assertThat(SinkLag.of(newest, Map.of("a", new long[] {11}), null, NOW).events()).isZero();
  }

  @Test
  void countsSecondsSinceTheSourcesTimeOfTheMoment() {
    Cut completed = cut(1_699_999_997_500_000L, Map.of());

    SinkLag lag = SinkLag.of(null, Map.of(), completed, NOW);

    assertThat(lag.seconds()).isEqualTo(2.5);
    assertThat(lag.events()).isNull();
  }

  @Test
  void isNothingWhenTheSourcesClockIsAhead() {
    assertThat(SinkLag.of(null, Map.of(), cut(1_700_000_001_000_000L, Map.of()), NOW).seconds())
        .isZero();
  }
}
