package io.kappacdc.load.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kappacdc.load.Mix;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.ConfigException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class SpecReaderTest {
  static final List<String> SHIPPED = WorkloadSpecs.SHIPPED;

  @ParameterizedTest
  @FieldSource("SHIPPED")
  void everyShippedSpecCanBeRead(String name) {
    WorkloadSpec spec = WorkloadSpecs.load(name);

    assertThat(spec.description()).isNotEmpty();
    assertThat(spec.meanRows()).isPositive();
  }

  @Test
  void fundsIsTheWorkloadOfTheRecordedFigures() {
    WorkloadSpec funds = WorkloadSpecs.load("funds");

    assertThat(funds.transactions())
        .containsExactly(
            new TransactionSpec.Mixed(
                "change",
                1,
                new Range(100, 100),
                new Mix(60, 30, 10),
                List.of("public.fund_metadata")));
    assertThat(funds.table("public.fund_metadata").deletes()).isEqualTo(TableSpec.Deletes.OLDEST);
  }

  @Test
  void shippedSpecsHaveWhatTheirNamesSay() {
    assertThat(WorkloadSpecs.load("orders").tables()).hasSize(9);
    assertThat(WorkloadSpecs.load("ten-tables").tables()).hasSize(10);
    assertThat(WorkloadSpecs.load("ten-tables").meanRows()).isEqualTo(1);
    assertThat(WorkloadSpecs.load("iot").table("public.reading").column("payload"))
        .hasValueSatisfying(c -> assertThat(c.value()).isEqualTo(new ValueSpec.Document(240)));
  }

  @Test
  void meanRowsWeighTheKindsOfTransactionsByTheirShares() {
    WorkloadSpec spec =
        SpecReader.read(
            "s",
            """
            description: d
            tables:
              public.t: {columns: {id: {type: serial, value: key}, v: {type: int, value: whole, range: 1..9}},
                         update: [v]}
            transactions:
              - {share: 3, rows: 1..3, mix: 1/1/1}
              - {share: 1, steps: [{insert: public.t, rows: 10}, {update: public.t}]}
            """);

    assertThat(spec.meanRows()).isEqualTo((3 * 2.0 + 11) / 4);
  }

  @Test
  void namesEveryProblemAtOnce() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () ->
                SpecReader.read(
                    "mine",
                    """
                    desription: typed wrong
                    tables:
                      public.parent:
                        columns: {id: {type: serial, value: key}}
                      public.child:
                        key: uniform
                        keys: zipf(-1)
                        columns:
                          id: {type: integer, value: key}
                          parent: {type: integer, value: reference, table: public.parent}
                          other: {type: integer, value: reference, table: public.nobody}
                          text: {type: text, value: wrods}
                          size: {type: text, value: words, length: 9..2}
                    transactions:
                      - {rows: 5, mix: 1/1/1}
                    """))
        .satisfies(
            e -> {
              assertThat(e.problem()).isEqualTo("The workload mine has 11 errors");
              assertThat(e.problems())
                  .contains(
                      "description: is missing",
                      "desription: unknown key; did you mean description?",
                      "tables.public.child.key: unknown key; did you mean keys?",
                      "tables.public.child.keys: 'zipf(-1)' does not fit: expected uniform,"
                          + " sequential, zipf or zipf(0.99)",
                      "tables.public.child.columns.id.type: a key must be serial or bigserial",
                      "tables.public.child.columns.parent.table: rows of public.parent are deleted:"
                          + " give it rows to keep, keep: 64",
                      "tables.public.child.columns.other.table: there is no table public.nobody",
                      "tables.public.child.columns.size.length: '9..2' does not fit: expected a"
                          + " range that does not end before it begins",
                      "tables.public.parent.update: is missing: its rows are updated",
                      "tables.public.child.update: is missing: its rows are updated");
            });
  }

  private static WorkloadSpec parentsAndChildren(String parent, String pick, String transactions) {
    return SpecReader.read(
        "s",
        """
        description: d
        tables:
          public.parent: {%s, columns: {id: {type: serial, value: key}}}
          public.child:
            columns:
              id: {type: serial, value: key}
              parent: {type: integer, value: reference, table: public.parent, pick: %s}
        transactions: [%s]
        """
            .formatted(parent, pick, transactions));
  }

  @Test
  void theNewestRowOfAnotherTableMustBeThere() {
    String inserts = "{insert: public.parent}, {insert: public.child}";
    String childFirst = "{insert: public.child}, {insert: public.parent}";

    assertThat(parentsAndChildren("rows: 0", "newest", "{steps: [" + inserts + "]}").tables())
        .hasSize(2);
    assertThat(parentsAndChildren("rows: 8", "newest", "{steps: [" + childFirst + "]}").tables())
        .hasSize(2);
    for (String transactions :
        List.of(
            "{steps: [" + childFirst + "]}",
            "{steps: [" + inserts + "]}, {steps: [{insert: public.child}]}",
            "{rows: 5, mix: 1/0/0}")) {
      assertThatExceptionOfType(ConfigException.class)
          .isThrownBy(() -> parentsAndChildren("rows: 0", "newest", transactions))
          .satisfies(
              e ->
                  assertThat(e.problems())
                      .singleElement()
                      .asString()
                      .startsWith(
                          "tables.public.child.columns.parent.table: the newest row of public.parent"
                              + " may not be there yet: insert one before in the same transaction"));
    }
  }

  @Test
  void everyConnectionMustHaveARowToReferTo() {
    WorkloadSpec spec = parentsAndChildren("rows: 7", "any", "{rows: 5, mix: 1/0/0}");

    WorkloadSpecs.check(spec, 7);
    WorkloadSpecs.check(parentsAndChildren("keep: 1", "any", "{rows: 5, mix: 1/0/0}"), 8);
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> WorkloadSpecs.check(spec, 8))
        .satisfies(
            e ->
                assertThat(e.problems())
                    .containsExactly(
                        "tables.public.child.columns.parent.table: public.parent has 7 rows at first,"
                            + " fewer than there are connections, 8: give it more, or keep"));
  }

  @Test
  void aMixThatATableCannotHaveIsRefused() {
    WorkloadSpec inserts =
        parentsAndChildren("keep: 8", "any", "{rows: 5, mix: 1/0/0}").withMix(new Mix(60, 30, 10));

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> WorkloadSpecs.check(inserts, 1))
        .satisfies(
            e ->
                assertThat(e.problems())
                    .containsExactly(
                        "tables.public.parent.update: is missing: its rows are updated",
                        "tables.public.child.update: is missing: its rows are updated"));
  }

  @Test
  void mixAndSizeCanBeSetOnlyWhereTheSpecLeavesThemOpen() {
    WorkloadSpec funds =
        WorkloadSpecs.load("funds").withMix(new Mix(1, 0, 0)).withRows(new Range(7, 7));

    assertThat(funds.meanRows()).isEqualTo(7);
    assertThatExceptionOfType(KappaException.class)
        .isThrownBy(() -> WorkloadSpecs.load("orders").withMix(new Mix(1, 0, 0)))
        .satisfies(
            e -> assertThat(e.problem()).isEqualTo("The mix of the workload orders cannot be set"));
  }

  @Test
  void saysWhichSpecsThereAre() {
    assertThatExceptionOfType(KappaException.class)
        .isThrownBy(() -> WorkloadSpecs.load("fund"))
        .satisfies(e -> assertThat(e.reason()).startsWith("it is none of funds, fund-tables, iot"));
    assertThatExceptionOfType(KappaException.class)
        .isThrownBy(() -> WorkloadSpecs.load("/nowhere/x.yaml"))
        .satisfies(e -> assertThat(e.reason()).isEqualTo("there is no file /nowhere/x.yaml"));
  }
}
