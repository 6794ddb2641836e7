package io.kappacdc.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PositionTest {
  @Test
  void ordersByCommitThenByOrdinalThenReadsOfASnapshot() {
    Position commit = new Position(Lsn.parse("0/10"), 2);

    assertThat(new Position(Lsn.parse("0/10"), 3).isAfter(commit)).isTrue();
    assertThat(new Position(Lsn.parse("1/0"), 1).isAfter(commit)).isTrue();
    assertThat(new Position(Lsn.parse("0/10"), Position.SNAPSHOT_ORDINAL_BASE).isAfter(commit))
        .isTrue();
    assertThat(Position.endOf(Lsn.parse("0/10")).isAfter(commit)).isTrue();
    assertThat(commit.isAfter(commit)).isFalse();
  }

  @Test
  void ordersLsnsAsUnsignedNumbers() {
    assertThat(new Position(Lsn.parse("FFFFFFFF/0"), 1).isAfter(new Position(1, 1))).isTrue();
  }

  @Test
  void lsnHasPostgresTextForm() {
    assertThat(Lsn.format(Lsn.parse("16/B374D848"))).isEqualTo("16/B374D848");
    assertThat(Lsn.format(0)).isEqualTo("0/0");
    assertThatThrownBy(() -> Lsn.parse("16B374D848")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Lsn.parse("1/1FFFFFFFF")).isInstanceOf(IllegalArgumentException.class);
  }
}
