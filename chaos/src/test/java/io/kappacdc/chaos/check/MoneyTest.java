package io.kappacdc.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.chaos.workload.Bank;
import io.kappacdc.event.Position;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MoneyTest {
  private static final long ALL = 100 * Bank.sum();
  private final Money money = new Money();

  @BeforeEach
  void openTwoAccounts() {
    change(1, 1, 'c', "account_a", "1", ALL - 500);
    change(1, 2, 'c', "account_b", "3:1", 500);
    money.advance(1);
  }

  private void change(long lsn, long ordinal, char op, String table, String account, long cents) {
    money.add(new Money.Entry(new Position(lsn, ordinal), op, table, account, cents));
  }

  @Test
  void aTransferInOneTransactionKeepsTheSumWhateverOrderItsRowsComeIn() {
    change(2, 2, 'u', "account_b", "3:1", 400);
    change(2, 1, 'u', "account_a", "1", ALL - 400);

    money.advance(2);

    assertThat(money.violations()).isEmpty();
    assertThat(money.sum()).isEqualTo(ALL);
  }

  @Test
  void halfATransferIsNoticedAtItsCommitEvenIfTheOtherHalfFollows() {
    change(2, 1, 'u', "account_a", "1", ALL - 400);
    change(3, 1, 'u', "account_b", "3:1", 400);

    money.advance(3);

    assertThat(money.violations()).hasSize(1);
    assertThat(money.violations().get(0)).startsWith("at 0/2 ");
    assertThat(money.sum()).isEqualTo(ALL);
  }

  @Test
  void laterChangesWaitForTheirMoment() {
    change(9, 1, 'u', "account_a", "1", 0);

    money.advance(8);

    assertThat(money.violations()).isEmpty();
  }

  @Test
  void aTableReadAnewIsEmptiedFirst() {
    change(5, 1, 't', "account_a", "", 0);
    change(5, 2, 'r', "account_a", "77", ALL - 500);
    change(5, 1, 't', "account_b", "", 0);
    change(5, 3, 'r', "account_b", "3:1", 500);

    money.advance(5);

    assertThat(money.violations()).isEmpty();
  }
}
