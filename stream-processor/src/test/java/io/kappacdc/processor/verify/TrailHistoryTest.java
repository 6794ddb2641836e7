package io.kappacdc.processor.verify;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TrailHistoryTest {
  @Test
  void numbersOfAnImageAreReadHoweverLongTheyAre() {
    String digits = "9".repeat(131_072) + '.' + "1".repeat(16_383);

    String[] values =
        TrailHistory.beforeTexts(
            "{\"long\":" + digits + ",\"short\":1e-05,\"none\":null}",
            new String[] {"long", "short", "none"});

    assertThat(values).containsExactly(digits, "1e-05", null);
  }
}
