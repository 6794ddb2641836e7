package io.kappacdc.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.benchmarks.peers.Arrival.Correctness;
import io.kappacdc.benchmarks.peers.Arrival.Progress;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ArrivalTest {
  /** Three transactions of 10 changes, a second apart; the first one is warm-up. */
  private static Expected threeTransactions() {
    CommitLog commits = new CommitLog();
    commits.add(new CommitLog.Commit(1_000_000, 6, 10));
    commits.add(new CommitLog.Commit(2_000_000, 12, 10));
    commits.add(new CommitLog.Commit(3_000_000, 18, 10));
    return new Expected(commits, 3, Map.of(1, "a", 2, "b", 3, "c"), 2_000_000);
  }

  @Test
  void aTransactionIsVisibleWithItsHighestKey() {
    // given a version that has half of the second transaction, and one that has all
    List<Progress> versions =
        List.of(
            new Progress(2_100_000, 9), new Progress(2_500_000, 14), new Progress(3_200_000, 18));

    // when
    Histogram latency = Arrival.latencyByKey(threeTransactions(), versions);

    // then
    assertThat(latency.getTotalCount()).isEqualTo(20);
    assertThat(latency.getMaxValue()).isCloseTo(500_000, withinOnePerMille(500_000));
    assertThat(latency.getMinValue()).isCloseTo(200_000, withinOnePerMille(200_000));
  }

  @Test
  void aTransactionIsVisibleWithTheLastOfItsChanges() {
    // given
    List<Progress> versions =
        List.of(
            new Progress(2_100_000, 19), new Progress(2_400_000, 20), new Progress(4_000_000, 30));

    // when
    Histogram latency = Arrival.latencyByCount(threeTransactions(), versions);

    // then
    assertThat(latency.getTotalCount()).isEqualTo(20);
    assertThat(latency.getMinValue()).isCloseTo(400_000, withinOnePerMille(400_000));
    assertThat(latency.getMaxValue()).isCloseTo(1_000_000, withinOnePerMille(1_000_000));
  }

  @Test
  void whatNeverArrivedHasNoLatency() {
    Histogram latency =
        Arrival.latencyByKey(threeTransactions(), List.of(new Progress(2_100_000, 12)));

    assertThat(latency.getTotalCount()).isEqualTo(10);
  }

  @Test
  void aDrainIsRatedFromWhatBecameVisibleFirst() {
    // given a tenth at once, the rest within nine seconds
    Arrival arrival =
        new Arrival(
            "store",
            "",
            List.of(new Progress(50_000_000, 100), new Progress(59_000_000, 1_000)),
            Arrival.histogram(),
            Correctness.ofRows(threeTransactions(), Map.of()));

    // then
    assertThat(arrival.changesPerSecond(9_000)).isEqualTo(900);
  }

  @Test
  void countsWhatAHistoryHasTwiceAndWhatItLacks() {
    // when 31 records hold 28 of the 30 changes
    Correctness check =
        Correctness.ofHistory(threeTransactions(), 31, 28, Map.of(1, "a", 2, "b", 3, "c"));

    // then
    assertThat(check.duplicates()).isEqualTo(3);
    assertThat(check.lost()).isEqualTo(2);
    assertThat(check.isRight()).isFalse();
  }

  @Test
  void countsRowsThatAreMissingExtraAndDifferent() {
    Correctness check =
        Correctness.ofRows(threeTransactions(), Map.of(1, "a", 2, "changed", 4, "d", 5, "e"));

    assertThat(check.rowsMissing()).isEqualTo(1);
    assertThat(check.rowsDifferent()).isEqualTo(1);
    assertThat(check.rowsExtra()).isEqualTo(2);
  }

  @Test
  void equalRowsAreRight() {
    assertThat(Correctness.ofRows(threeTransactions(), Map.of(1, "a", 2, "b", 3, "c")).isRight())
        .isTrue();
  }

  private static Offset<Long> withinOnePerMille(long value) {
    return Offset.offset(value / 1_000);
  }
}
