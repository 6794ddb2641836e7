package io.kappacdc.processor.erase;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.event.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LifeSearchTest {
  private final List<KeyedChange> changes = new ArrayList<>();

  private LifeSearchTest change(String key, String op, long lsn, long ordinal) {
    changes.add(new KeyedChange(RowKey.of(key), op, lsn, ordinal, null));
    return this;
  }

  private LifeSearchTest rekey(String from, String to, long lsn) {
    change(from, "d", lsn, 1);
    changes.add(new KeyedChange(RowKey.of(to), "c", lsn, 2, RowKey.of(from)));
    return this;
  }

  private Lives trace(String key) {
    Set<RowKey> asked = Set.of(RowKey.of(key));
    return LifeSearch.trace(asked, List.of(this::changesOf));
  }

  private List<KeyedChange> changesOf(Set<RowKey> keys) {
    return changes.stream()
        .filter(change -> keys.contains(change.key()) || keys.contains(change.former()))
        .toList();
  }

  private List<Long> erasedAt(Lives lives) {
    return changes.stream().filter(lives::have).map(KeyedChange::lsn).distinct().toList();
  }

  @Test
  void aRowIsFollowedToItsFormerAndItsLaterKeys() {
    change("a", "r", 10, 1).change("other", "c", 11, 1).rekey("a", "b", 20).change("b", "u", 30, 1);
    rekey("b", "c", 40).change("c", "d", 50, 1);

    for (String key : List.of("a", "b", "c")) {
      Lives lives = trace(key);
      assertThat(lives.keys()).containsOnly(RowKey.of("a"), RowKey.of("b"), RowKey.of("c"));
      assertThat(erasedAt(lives)).containsExactly(10L, 20L, 30L, 40L, 50L);
    }
  }

  @Test
  void anotherRowThatHadAFormerKeyBeforeOrAfterStays() {
    change("a", "c", 10, 1).change("a", "u", 11, 1).change("a", "d", 12, 1);
    change("a", "c", 20, 1).rekey("a", "b", 30);
    change("a", "c", 40, 1).change("a", "u", 41, 1);

    Lives lives = trace("b");

    assertThat(erasedAt(lives)).containsExactly(20L, 30L);
    assertThat(lives.have(RowKey.of("a"), new Position(41, 1))).isFalse();
    assertThat(lives.have(RowKey.of("a"), new Position(20, 1))).isTrue();
  }

  @Test
  void underTheKeyAskedForEveryRowCounts() {
    change("a", "c", 10, 1).change("a", "d", 12, 1);
    change("a", "c", 20, 1).rekey("a", "b", 30);

    assertThat(erasedAt(trace("a"))).containsExactly(10L, 12L, 20L, 30L);
  }

  @Test
  void rowsReadAgainAreTheSameRow() {
    change("a", "c", 10, 1).change("a", "r", 15, 1).rekey("a", "b", 20);

    assertThat(erasedAt(trace("b"))).containsExactly(10L, 15L, 20L);
  }

  @Test
  void keysThatAreSwappedEnd() {
    change("1", "r", 5, 1).change("2", "r", 5, 2).rekey("1", "-1", 10).rekey("2", "1", 20);
    rekey("-1", "2", 30);

    Lives lives = trace("-1");

    assertThat(erasedAt(lives)).containsExactly(5L, 10L, 30L);
    assertThat(lives.have(RowKey.of("1"), new Position(20, 2))).isFalse();
    assertThat(lives.have(RowKey.of("2"), new Position(5, 2))).isFalse();
  }

  @Test
  void livesSurviveAsText() {
    change("a, b", "c", 10, 1).rekey("a, b", "\"x\"", 20);

    Lives lives = trace("\"x\"");

    assertThat(erasedAt(Lives.fromJson(lives.toJson()))).containsExactly(10L, 20L);
  }
}
