package io.kappacdc.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StrictMapTest {
  @Test
  void readsWhatIsThere() {
    StrictMap root =
        StrictMap.parse("x", "{rate: 10_000, for: 2m, names: [a, b], inner: {t: {n: 1.5}}}");

    assertThat(root.required("rate", StrictMap.wholeNumber(1, 1_000_000), 0L)).isEqualTo(10_000);
    assertThat(root.optional("for", StrictMap.duration())).contains(Duration.ofMinutes(2));
    assertThat(root.texts("names")).isEqualTo(List.of("a", "b"));
    assertThat(root.mapsByName("inner").get("t").required("n", StrictMap.number(0, 2), 0.0))
        .isEqualTo(1.5);
    root.finish("x");
  }

  @Test
  void namesEveryProblemAtOnceWithItsPath() {
    StrictMap root =
        StrictMap.parse("spec x", "{rat: 1, for: soon, tables: [{nam: a}, 7], mixed: {a: 1}}");

    root.required("rate", StrictMap.wholeNumber(1, 10), 1L);
    root.optional("for", StrictMap.duration());
    root.maps("tables").forEach(table -> table.required("name", String::toString, ""));
    root.map("mixed").orElseThrow().optional("a", StrictMap.number(2, 3));

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> root.finish("spec x"))
        .satisfies(
            e -> {
              assertThat(e.problem()).isEqualTo("spec x has 7 errors");
              assertThat(e.problems())
                  .containsExactlyInAnyOrder(
                      "rate: is missing",
                      "for: 'soon' does not fit: expected a duration such as 500ms, 5s, 10m, 24h,"
                          + " 7d or forever",
                      "tables[1]: expected a map",
                      "tables[0].name: is missing",
                      "mixed.a: '1' does not fit: expected a number from 2.0 to 3.0",
                      "rat: unknown key; did you mean rate?",
                      "tables[0].nam: unknown key; did you mean name?");
            });
  }
}
