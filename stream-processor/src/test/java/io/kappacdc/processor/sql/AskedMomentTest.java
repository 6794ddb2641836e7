package io.kappacdc.processor.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kappacdc.runtime.KappaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AskedMomentTest {
  @ParameterizedTest
  @CsvSource({
    "2026-11-21T03:10:11.123456Z, 2026-11-21 03:10:11.123456+00",
    "2026-11-21 03:10:11.123456+00, 2026-11-21 03:10:11.123456+00",
    "2026-11-21T03:10:11, 2026-11-21 03:10:11.000000+00",
    "2026-11-21T03:10, 2026-11-21 03:10:00.000000+00",
    "2026-11-21 03:10:11.5+01:30, 2026-11-21 01:40:11.500000+00",
    "2026-11-21 03:10:11.12 -0200, 2026-11-21 05:10:11.120000+00"
  })
  void timesAreUtcUnlessTheySayOtherwise(String text, String expected) {
    assertThat(AskedMoment.time(text)).hasToString(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"yesterday", "2026-11-21", "2026-13-01T00:00", "1/2"})
  void whatIsNoTimeIsRefused(String text) {
    assertThatThrownBy(() -> AskedMoment.time(text))
        .isInstanceOf(KappaException.class)
        .hasMessage(
            "--as-of-time %s is no time (a time looks like 2026-11-21T03:10:11.5+01:00, UTC if it"
                + " has no offset)",
            text);
  }

  @Test
  void anLsnIsPostgresTextOfItOrLatest() {
    assertThat(AskedMoment.lsn("1a/ff")).hasToString("1A/FF");
    assertThat(AskedMoment.lsn("LATEST")).isEqualTo(new AskedMoment.Latest());
    assertThatThrownBy(() -> AskedMoment.lsn("17"))
        .hasMessageContaining("--as-of-lsn 17 is no LSN");
  }
}
