package io.kappacdc.runtime.columns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.CaptureConfig;
import io.kappacdc.runtime.config.ConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ColumnPoliciesTest {
  private static final String KEY = "0123456789abcdef0123456789abcdef";

  @TempDir Path directory;

  private static CaptureConfig capture(Map<String, String> flags) {
    return new ConfigLoader().flags(flags).load().capture();
  }

  private static ColumnPolicies policies(String columns) {
    return ColumnPolicies.of(capture(Map.of("capture.columns", columns, "capture.hash-key", KEY)));
  }

  @Test
  void theFirstEntryThatMatchesTheWholeNameDecides() {
    ColumnPolicies policies =
        policies(
            "[{match: public.customer.email, policy: exclude},"
                + " {match: '.*\\.(email|phone)', policy: mask, text: '-'},"
                + " {match: 'crm\\..*', policy: truncate, length: 1}]");

    assertThat(policies.rule("public", "customer", "email")).isEqualTo(new ColumnRule.Exclude());
    assertThat(policies.rule("public", "Customer", "EMAIL")).isEqualTo(new ColumnRule.Exclude());
    assertThat(policies.rule("crm", "lead", "phone")).isEqualTo(new ColumnRule.Mask("-"));
    assertThat(policies.rule("crm", "lead", "note")).isEqualTo(new ColumnRule.Truncate(1));
    assertThat(policies.rule("public", "customer", "email2")).isNull();
    assertThat(policies.rule("old_crm", "lead", "note")).isNull();
  }

  @Test
  void truncateCountsCodePoints() {
    ColumnRule.Truncate rule = new ColumnRule.Truncate(2);

    assertThat(rule.apply("a\uD83D\uDE00\uD83D\uDE00")).isEqualTo("a\uD83D\uDE00");
    assertThat(rule.apply("\uD83D\uDE00\uD83D\uDE00")).isEqualTo("\uD83D\uDE00\uD83D\uDE00");
    assertThat(rule.apply("ab")).isEqualTo("ab");
    assertThat(rule.apply("")).isEmpty();
  }

  /** RFC 4231, test case 2, with a key of text. */
  @Test
  void hashIsHmacSha256InHexadecimal() {
    assertThat(HashKey.of("Jefe").hash("what do ya want for nothing?"))
        .isEqualTo("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  }

  @Test
  void theKeyOfAFileIsItsTextWithoutTheLineEnd() throws IOException {
    Path file = Files.writeString(directory.resolve("hash.key"), KEY + "\n");
    Map<String, String> flags =
        Map.of(
            "capture.columns",
            "[{match: a.b.c, policy: hash}]",
            "capture.hash-key-file",
            file.toString());

    ColumnRule rule = ColumnPolicies.of(capture(flags)).rule("a", "b", "c");

    assertThat(((ColumnRule.Hash) rule).apply("x")).isEqualTo(HashKey.of(KEY).hash("x"));
    assertThat(rule.toString()).doesNotContain(KEY);
  }

  @Test
  void withoutAKeyNothingIsHashedAndTheErrorShowsNone() throws IOException {
    String columns = "[{match: a.b.c, policy: hash}]";
    Path small = Files.writeString(directory.resolve("small.key"), "hidden-value");

    assertThatExceptionOfType(KappaException.class)
        .isThrownBy(() -> ColumnPolicies.of(capture(Map.of("capture.columns", columns))))
        .satisfies(
            e -> {
              assertThat(e.problem()).isEqualTo("Columns cannot be hashed.");
              assertThat(e.reason()).contains("neither capture.hash-key-file nor");
              assertThat(e.remedy()).contains("openssl rand -hex 32");
            });
    assertThatExceptionOfType(KappaException.class)
        .isThrownBy(
            () ->
                ColumnPolicies.of(
                    capture(
                        Map.of(
                            "capture.columns",
                            columns,
                            "capture.hash-key-file",
                            small.toString()))))
        .satisfies(
            e -> {
              assertThat(e.reason()).contains("has fewer than 32 characters");
              assertThat(e.toString()).doesNotContain("hidden-value");
            });
    assertThatExceptionOfType(KappaException.class)
        .isThrownBy(
            () ->
                ColumnPolicies.of(
                    capture(
                        Map.of("capture.columns", columns, "capture.hash-key-file", "/nowhere/k"))))
        .satisfies(e -> assertThat(e.reason()).endsWith("there is no such file"));
  }
}
