package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.capture.source.TransactionSnapshot;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PassedTransactionsTest {
  private static final long WRAPPED = 1L << 32;

  private final PassedTransactions passed = new PassedTransactions(3);

  private static TransactionSnapshot snapshot(long oldest, long next, Long... running) {
    return new TransactionSnapshot(oldest, next, Set.of(running));
  }

  @Test
  void aPublishedTransactionThatIsStillRunningForOthersIsNotSeen() {
    passed.beginAt(100);
    passed.add(105);
    passed.add(107);

    assertThat(passed.areAllSeenBy(snapshot(105, 110, 105L))).isFalse();
    assertThat(passed.areAllSeenBy(snapshot(105, 107))).isFalse();
    assertThat(passed.areAllSeenBy(snapshot(106, 110, 106L))).isTrue();
  }

  @Test
  void whatAnEarlierProcessPublishedMustHaveEnded() {
    passed.beginAt(100);

    assertThat(passed.areAllSeenBy(snapshot(99, 110, 99L))).isFalse();
    assertThat(passed.areAllSeenBy(snapshot(100, 110, 100L))).isTrue();
  }

  @Test
  void idsOfTheLogWrapAround() {
    TransactionSnapshot seen = snapshot(WRAPPED + 2, WRAPPED + 5, WRAPPED + 3);

    assertThat(seen.sees(0xFFFF_FFFEL)).isTrue();
    assertThat(seen.sees(2)).isTrue();
    assertThat(seen.sees(3)).isFalse();
    assertThat(seen.sees(6)).isFalse();
  }

  @Test
  void saysWhenItHadToForget() {
    passed.beginAt(100);
    for (long xid = 100; xid < 104; xid++) {
      passed.add(xid);
    }

    assertThat(passed.hasLost()).isTrue();
    passed.beginAt(104);
    assertThat(passed.hasLost()).isFalse();
  }
}
