package io.kappacdc.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.event.Cut;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LagTest {
  private static final List<Cut> CUTS =
      List.of(cut(1_000_000, 5, 5), cut(3_000_000, 10, 5), cut(4_500_000, 10, 12));

  @Test
  void aSinkAtTheLastCutIsNotBehind() {
    assertThat(Lag.of(CUTS, Map.of("t", new long[] {10, 12}))).isEqualTo(new Lag(0, 0, false));
  }

  @Test
  void isBehindByTheTimeSinceTheNewestCutReached() {
    assertThat(Lag.of(CUTS, Map.of("t", new long[] {10, 5}))).isEqualTo(new Lag(7, 1.5, false));
  }

  @Test
  void aPartitionWithoutAPositionIsAtItsBeginning() {
    assertThat(Lag.of(CUTS, Map.of("t", new long[] {10}))).isEqualTo(new Lag(12, 3.5, true));
    assertThat(Lag.of(CUTS, Map.of())).isEqualTo(new Lag(22, 3.5, true));
  }

  private static Cut cut(long micros, long... ends) {
    return new Cut(Cut.State.COMPLETE, micros, micros, 1, new TreeMap<>(Map.of("t", ends)));
  }
}
