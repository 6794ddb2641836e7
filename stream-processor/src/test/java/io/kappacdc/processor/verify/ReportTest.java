package io.kappacdc.processor.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.processor.verify.Differences.Kind;
import io.kappacdc.processor.verify.ReportText.Values;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final VerificationReport REPORT =
      new VerificationReport(
          0x1234,
          Instant.parse("2026-01-01T00:00:00Z"),
          Duration.ofMillis(1200),
          Duration.ofMillis(3400),
          List.of(
              new TableReport(
                  "public.fund",
                  1234L,
                  List.of(
                      StoreReport.compared(PostgresTrail.STORE, 1234, Differences.NONE),
                      StoreReport.compared(
                          MirrorAtFence.STORE,
                          1233,
                          new Differences(
                              2,
                              0,
                              1,
                              List.of(
                                  new Differences.Row(Kind.MISSING, "id=5", List.of()),
                                  new Differences.Row(
                                      Kind.DIFFERENT,
                                      "id=7",
                                      List.of(new Differences.Value("price", "1.50", null))))))),
                  List.of()),
              new TableReport(
                  "public.log",
                  null,
                  List.of(StoreReport.notVerified(DeltaFold.STORE, "it is behind")),
                  List.of("a note"))));

  @Test
  void namesRowsAndColumnsButNoValuesUnlessAsked() {
    assertThat(new ReportText(Values.HIDDEN).write(REPORT))
        .isEqualTo(
            """
            Compared at LSN 0/1234 (2026-01-01T00:00:00Z); every store had passed it after 1.2 s; all in all 3.4 s.

            table        source  PostgreSQL trail  Delta trail  mirror  changes  verdict
            public.fund   1,234             1,234            -   1,233        -  MISMATCH
            public.log        ?                 -            ?       -        -  NOT VERIFIED

            public.fund: Delta mirror: 2 missing, 0 that do not belong there, 1 different
              missing    id=5
              different  id=7 in price
              and 1 more
            note: public.log: a note
            public.log: Delta trail not verified: it is behind
            MISMATCH: 0 of 2 tables match
            """);
    assertThat(new ReportText(Values.SHOWN).write(REPORT))
        .contains("  different  id=7 in price (expected '1.50', is NULL)");
  }

  @Test
  void jsonSaysTheSame() {
    assertThat(new ReportJson(Values.HIDDEN).write(REPORT))
        .contains(
            "\"verdict\" : \"mismatch\"", "\"fenceLsn\" : \"0/1234\"", "\"kind\" : \"missing\"")
        .contains("\"columns\" : [ \"price\" ]")
        .doesNotContain("1.50");
  }

  @Test
  void whatIsUnknownIsNoMatchAndAMismatchIsAFact() {
    assertThat(Verdict.MATCH.and(Verdict.NOT_VERIFIED)).isEqualTo(Verdict.NOT_VERIFIED);
    assertThat(Verdict.NOT_VERIFIED.and(Verdict.MATCH)).isEqualTo(Verdict.NOT_VERIFIED);
    assertThat(Verdict.NOT_VERIFIED.and(Verdict.MISMATCH)).isEqualTo(Verdict.MISMATCH);
    assertThat(List.of(Verdict.MATCH, Verdict.MISMATCH, Verdict.NOT_VERIFIED))
        .extracting(Verdict::exitCode)
        .containsExactly(0, 1, 2);
  }
}
