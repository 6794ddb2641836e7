package io.kappacdc.processor.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.event.TableSchema;
import java.util.List;
import org.junit.jupiter.api.Test;

class LakeSchemaTest {
  private static final TableSchema NUMBERS = SourceHistory.table("t", 1, "id bigint", "v integer");
  private static final TableSchema TEXTS = SourceHistory.table("t", 1, "id bigint", "v text");

  private final LakeSchema former = fitted(LakeSchema.EMPTY, NUMBERS);
  private final LakeSchema renamed =
      new LakeSchema(
          former.columns().stream()
              .map(
                  column ->
                      column.name().equals("v")
                          ? new LakeColumn("w", "v", "integer", column.type(), "v")
                          : column)
              .toList());

  private static LakeSchema fitted(LakeSchema table, TableSchema incoming) {
    return ((LakeSchema.Fit.Fits) table.fit(incoming)).merged();
  }

  private static List<String> names(LakeSchema schema) {
    return schema.columns().stream()
        .map(column -> column.name() + "=" + column.column() + "/" + column.physicalName())
        .toList();
  }

  @Test
  void aColumnThatWasRenamedGivesWayToAnotherTypeAndToNothingElse() {
    assertThat(former.fit(TEXTS)).isInstanceOf(LakeSchema.Fit.Clashes.class);
    assertThat(names(fitted(renamed, TEXTS))).containsExactly("id=id/id", "w=w/v", "v=v/v-2");
    assertThat(names(fitted(renamed, NUMBERS))).containsExactly("id=id/id", "w=v/v");
    assertThat(fitted(fitted(renamed, TEXTS), TEXTS)).isEqualTo(fitted(renamed, TEXTS));
  }

  @Test
  void filesWithAndWithoutTheColumnThatTakesOverComeTogether() {
    LakeSchema takenOver = fitted(renamed, TEXTS);

    assertThat(renamed.reads(takenOver)).isTrue();
    assertThat(renamed.plus(takenOver)).isEqualTo(takenOver);
    assertThat(takenOver.reads(takenOver)).isTrue();
    assertThat(takenOver.plus(takenOver)).isEqualTo(takenOver);
    assertThat(takenOver.reads(renamed)).isFalse();
  }

  @Test
  void aFormerNameIsOneThatNoColumnHas() {
    LakeSchema taken = fitted(former, SourceHistory.table("t", 0, "v_integer text"));

    assertThat(former.formerName(former.column("v").orElseThrow())).isEqualTo("v_integer");
    assertThat(taken.formerName(taken.column("v").orElseThrow())).isEqualTo("v_integer_2");
  }
}
