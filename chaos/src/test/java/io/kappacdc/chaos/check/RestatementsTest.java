package io.kappacdc.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.chaos.check.Restatements.Restatement;
import io.kappacdc.chaos.workload.Bank;
import io.kappacdc.chaos.workload.Kind;
import io.kappacdc.chaos.workload.Ledger;
import io.kappacdc.chaos.workload.Tally;
import io.kappacdc.event.Position;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RestatementsTest {
  private static final long BASE = Position.SNAPSHOT_ORDINAL_BASE;

  private final Restatements restatements = new Restatements();

  private static Ledger ledger(Map<String, Long> columns) {
    return Ledger.of(column -> columns.getOrDefault(column, 0L));
  }

  /** Two tellers; the gap takes the second change of teller 1, which opened a dossier. */
  private void readAnewAt50() {
    restatements.add(
        new Position(50, BASE + 2), 'r', 1, ledger(Map.of("number", 2L, "dossier_c", 2L)));
    restatements.add(
        new Position(50, BASE + 1), 'r', 0, ledger(Map.of("number", 1L, "scratch_c", 5L)));
    restatements.begin(new Position(50, BASE));
  }

  private void changesBefore() {
    restatements.add(new Position(10, BASE + 1), 'r', 0, ledger(Map.of()));
    restatements.add(new Position(10, BASE + 2), 'r', 1, ledger(Map.of()));
    restatements.add(new Position(30, 9), 'u', 1, ledger(Map.of("number", 1L, "dossier_c", 1L)));
    restatements.add(new Position(20, 4), 'u', 0, ledger(Map.of("number", 1L, "scratch_c", 5L)));
  }

  @Test
  void theFirstSnapshotIsNone() {
    changesBefore();

    assertThat(restatements.upTo(40)).isEmpty();
  }

  @Test
  void whatCameBeforeTheGapAndWhatWasReadBehindItAreToldApart() {
    readAnewAt50();
    changesBefore();
    restatements.add(new Position(60, 1), 'u', 0, ledger(Map.of("number", 2L, "scratch_c", 6L)));

    List<Restatement> found = restatements.upTo(70);

    assertThat(found).hasSize(1);
    assertThat(found.get(0).lsn()).isEqualTo(50);
    assertThat(found.get(0).before().changes().count(new Kind(Bank.LEDGER, 'u'))).isEqualTo(2);
    assertThat(found.get(0).read().changes().count(new Kind(Bank.LEDGER, 'u'))).isEqualTo(3);
    assertThat(found.get(0).unseen()).isEqualTo(2);
  }

  @Test
  void theBalanceIsWhatWasNotSeenAgainstRowsAndTruncates() {
    changesBefore();
    readAnewAt50();

    Tally balance = restatements.upTo(50).get(0).balance();

    assertThat(balance.count(new Kind(Bank.LEDGER, 'u'))).isEqualTo(-1);
    assertThat(balance.count(new Kind("dossier", 'c'))).isEqualTo(-1);
    assertThat(balance.count(new Kind("dossier", 'r'))).isEqualTo(2);
    assertThat(balance.count(new Kind("scratch", 'c'))).isZero();
    assertThat(balance.count(new Kind("scratch", 'r'))).isEqualTo(5);
    assertThat(balance.count(new Kind(Bank.ACCOUNT_A, 'r'))).isEqualTo(80);
    assertThat(balance.count(new Kind(Bank.ACCOUNT_A, 't'))).isEqualTo(1);
    assertThat(balance.count(new Kind("scratch", 't'))).isEqualTo(1);
    assertThat(balance.count(new Kind("journal", 't'))).as("it never had an event").isZero();
  }

  @Test
  void aSourceThatWentBackHasMadeFewerChangesThanWereSeen() {
    changesBefore();
    restatements.begin(new Position(50, BASE));
    restatements.add(new Position(50, BASE + 1), 'r', 0, ledger(Map.of()));
    restatements.add(new Position(50, BASE + 2), 'r', 1, ledger(Map.of()));

    Restatement found = restatements.upTo(50).get(0);

    assertThat(found.unseen()).isEqualTo(-8);
    assertThat(found.balance().count(new Kind("scratch", 'c'))).isEqualTo(5);
    assertThat(found.balance().count(new Kind("scratch", 't'))).isEqualTo(1);
  }
}
