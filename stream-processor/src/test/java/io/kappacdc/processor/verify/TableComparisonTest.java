package io.kappacdc.processor.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.processor.verify.Differences.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class TableComparisonTest {
  private static final ComparedTable KEYED =
      ComparedTable.of("public.t", List.of("id", "a", "b"), List.of("id"));
  private static final ComparedTable KEYLESS =
      ComparedTable.of("public.log", List.of("a", "b"), List.of());

  @RepeatedTest(50)
  void namesExactlyTheCorruptedRows(RepetitionInfo repetition) {
    // Given
    Random random = new Random(repetition.getCurrentRepetition());
    List<List<String>> rows = new ArrayList<>();
    int count = random.nextInt(3000);
    for (int id = 0; id < count; id++) {
      rows.add(Arrays.asList("" + id, text(random), text(random)));
    }
    List<List<String>> corrupted = new ArrayList<>();
    TreeSet<String> expected = new TreeSet<>();
    for (List<String> row : rows) {
      String key = "id=" + row.get(0);
      switch (random.nextInt(count < 200 ? 10 : 400)) {
        case 0 -> expected.add(Kind.MISSING + " " + key);
        case 1 -> {
          corrupted.add(Arrays.asList(row.get(0), row.get(1) + "x", row.get(2)));
          expected.add(Kind.DIFFERENT + " " + key + " [a]");
        }
        case 2 -> {
          corrupted.add(row);
          corrupted.add(Arrays.asList("-" + row.get(0) + "-", null, "extra"));
          expected.add(Kind.EXTRA + " id=-" + row.get(0) + "-");
        }
        case 3 -> {
          corrupted.add(row);
          corrupted.add(row);
          expected.add(Kind.EXTRA + " " + key);
        }
        default -> corrupted.add(row);
      }
    }

    // When
    Differences found =
        new TableComparison(KEYED, Integer.MAX_VALUE)
            .compare(
                new MemoryDigestSource(KEYED, rows),
                new MemoryDigestSource(KEYED, corrupted),
                TableComparison.chunksFor(count));

    // Then
    assertThat(named(found)).containsExactlyElementsOf(expected);
    assertThat(found.total()).isEqualTo(expected.size());
  }

  private static String text(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> null;
      case 1 -> "";
      case 2 -> "'\\,NULL" + random.nextInt(3);
      default -> Integer.toString(random.nextInt(1000));
    };
  }

  private static TreeSet<String> named(Differences found) {
    TreeSet<String> named = new TreeSet<>();
    for (Differences.Row row : found.rows()) {
      named.add(
          row.kind() + " " + row.key() + (row.columns().isEmpty() ? "" : " " + row.columnNames()));
    }
    return named;
  }

  @Test
  void countsAllRowsButNamesNoMoreThanAskedFor() {
    List<List<String>> rows = new ArrayList<>();
    for (int id = 0; id < 100; id++) {
      rows.add(Arrays.asList("" + id, "a", "b"));
    }

    Differences found =
        new TableComparison(KEYED, 7)
            .compare(
                new MemoryDigestSource(KEYED, rows), new MemoryDigestSource(KEYED, List.of()), 16);

    assertThat(found.missing()).isEqualTo(100);
    assertThat(found.rows()).hasSize(7);
  }

  @Test
  void withoutAKeyCopiesAreCounted() {
    List<String> row = Arrays.asList("1", null);
    List<String> other = Arrays.asList("2", "x");

    Differences found =
        new TableComparison(KEYLESS, 20)
            .compare(
                new MemoryDigestSource(KEYLESS, List.of(row, row, row, other)),
                new MemoryDigestSource(KEYLESS, List.of(row, other, other)),
                16);

    assertThat(found.missing()).isEqualTo(2);
    assertThat(found.extra()).isEqualTo(1);
    assertThat(named(found)).containsExactly("EXTRA a=2, b=x", "MISSING a=1, b=null");
  }

  @Test
  void digestsThatOnlySwapValuesBetweenColumnsOrRowsAreNotTakenForEqual() {
    Differences found =
        new TableComparison(KEYED, 20)
            .compare(
                new MemoryDigestSource(
                    KEYED, List.of(List.of("1", "x", "y"), List.of("2", "y", "x"))),
                new MemoryDigestSource(
                    KEYED, List.of(List.of("1", "y", "x"), List.of("2", "x", "y"))),
                16);

    assertThat(found.different()).isEqualTo(2);
  }
}
