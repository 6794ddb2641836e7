package io.kappacdc.processor.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.processor.erase.RowKey;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LogSearchTest {
  private static final String ADD =
      """
      {"add":{"path":"Ab/part-1.snappy.parquet","stats":"{\\"minValues\\":{\\"bank\\":3,\\"number\\":7},\
      \\"maxValues\\":{\\"bank\\":4,\\"number\\":8}}"}}
      """;

  private static LogSearch search(String bank, String number) {
    return new LogSearch(
        List.of(List.of("bank"), List.of("number")), Set.of(new RowKey(List.of(bank, number))));
  }

  @Test
  void boundsShowAKeyIfEachOfItsColumnsIsOne() {
    assertThat(search("3", "7").shows(ADD)).isTrue();
    assertThat(search("4", "7").shows(ADD)).isTrue();
    assertThat(search("4", "9").shows(ADD)).isFalse();
  }

  @Test
  void boundsOfAFileThatIsSearchedItselfShowNoKey() {
    LogSearch besides = search("3", "7").besides(Set.of("part-1.snappy.parquet"));

    assertThat(besides.shows(ADD)).isFalse();
    assertThat(besides.shows(ADD.replace("part-1", "part-2"))).isTrue();
    assertThat(besides.shows("{\"note\":\"part-1.snappy.parquet\"}")).isFalse();
  }
}
