package io.kappacdc.capture.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.capture.source.ServerIdentity.TimelineEnd;
import io.kappacdc.event.Lsn;
import org.junit.jupiter.api.Test;

class ServerIdentityTest {
  @Test
  void aTimelinesHistoryNamesTheEndsOfItsAncestors() {
    assertThat(
            ServerIdentity.parse(
                """
                # a comment

                1\t0/5000148\tno recovery target specified
                3\tA/50001A8\tbefore 2024-01-01 00:00:00+00
                """))
        .containsExactly(
            new TimelineEnd(1, Lsn.parse("0/5000148")), new TimelineEnd(3, Lsn.parse("A/50001A8")));
  }
}
