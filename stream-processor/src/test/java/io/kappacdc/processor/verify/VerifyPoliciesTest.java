package io.kappacdc.processor.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.delta.tables.DeltaTable;
import io.kappacdc.event.Column;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.verify.PipelineFixture.Change;
import io.kappacdc.runtime.columns.ColumnPolicies;
import io.kappacdc.runtime.columns.HashKey;
import io.kappacdc.runtime.config.ColumnConfig;
import io.kappacdc.runtime.config.ColumnConfig.Policy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VerifyPoliciesTest {
  private static final HashKey KEY = HashKey.of("the-key-of-the-tests-0123456789abcdef");
  private static final ColumnPolicies POLICIES =
      ColumnPolicies.of(
          List.of(
              new ColumnConfig("app.person.email", Policy.HASH, null, null),
              new ColumnConfig("app.person.tax", Policy.HASH, null, null),
              new ColumnConfig("app.person.ssn", Policy.MASK, "it's \\ hidden", null),
              new ColumnConfig("app.person.phone", Policy.TRUNCATE, null, 3),
              new ColumnConfig("app.person.name", Policy.EXCLUDE, null, null)),
          KEY);
  private static final TableSchema PERSON =
      new TableSchema(
          "app",
          "person",
          List.of(column("email"), column("tax"), column("ssn"), column("phone"), column("born")),
          List.of("email"),
          ReplicaIdentity.DEFAULT);

  private PipelineFixture pipeline;

  private static Column column(String name) {
    String type = name.equals("born") ? "date" : "text";
    return new Column(name, type, type, true, name);
  }

  @BeforeEach
  void start() throws Exception {
    pipeline = new PipelineFixture();
    pipeline.policies(POLICIES);
    pipeline.source(
        "CREATE TABLE app.person (email text PRIMARY KEY, name text, tax numeric, ssn int, phone"
            + " varchar(20), born date)");
  }

  @AfterEach
  void stop() throws Exception {
    pipeline.close();
  }

  private PipelineFixture.Table twoPersons() throws Exception {
    pipeline.source(
        "INSERT INTO app.person VALUES"
            + " ('zita@plain', 'Zita', 1.50, 123, '\uD83D\uDE00123', '2001-02-03'),"
            + " ('yves@plain', NULL, NULL, NULL, NULL, NULL)");
    Change zita =
        Change.of(
            'c',
            100,
            1,
            KEY.hash("zita@plain"),
            KEY.hash("1.50"),
            "it's \\ hidden",
            "\uD83D\uDE0012",
            "2001-02-03");
    Change yves = Change.of('c', 100, 2, KEY.hash("yves@plain"), null, null, null, null);
    return pipeline.table(PERSON).trails(zita, yves).mirror(zita, yves);
  }

  private static List<String> named(VerificationReport report, String store) {
    return report.tables().get(0).stores().stream()
        .filter(one -> one.store().equals(store))
        .flatMap(one -> one.differences().rows().stream())
        .map(
            row ->
                row.kind()
                    + " "
                    + row.key()
                    + " "
                    + row.columns().stream().map(Differences.Value::column).toList())
        .toList();
  }

  private static String text(VerificationReport report) {
    return new ReportText(ReportText.Values.SHOWN).write(report);
  }

  @Test
  void storesMatchThatHaveWhatThePoliciesLeave() throws Exception {
    twoPersons();

    VerificationReport report = pipeline.verify();

    assertThat(report.verdict()).describedAs(text(report)).isEqualTo(Verdict.MATCH);
    assertThat(report.tables().get(0).sourceRows()).isEqualTo(2);
    assertThat(report.tables().get(0).notes())
        .containsExactly("column name is excluded, not compared");
  }

  @Test
  void aValueThatIsNotWhatAPolicyLeavesIsFound() throws Exception {
    PipelineFixture.Table persons = twoPersons();
    pipeline.sink(
        "UPDATE "
            + persons.postgresTrail()
            + " SET tax = '1.50', ssn = '123', phone = '12', born = '2001-02-04'"
            + " WHERE born IS NOT NULL");
    DeltaTable.forPath(TestStack.SPARK, persons.deltaMirror())
        .updateExpr("born IS NULL", Map.of("email", "'yves@store'"));

    VerificationReport report = pipeline.verify();

    assertThat(report.verdict()).isEqualTo(Verdict.MISMATCH);
    assertThat(named(report, PostgresTrail.STORE))
        .containsExactly("DIFFERENT email=" + KEY.hash("zita@plain") + " [tax, ssn, phone, born]");
    assertThat(named(report, MirrorAtFence.STORE))
        .containsExactlyInAnyOrder(
            "MISSING email=" + KEY.hash("yves@plain") + " []", "EXTRA email=yves@store []");
    assertThat(text(report))
        .contains("expected '" + KEY.hash("1.50").substring(0, 60))
        .doesNotContain("@plain", "Zita");
  }

  @Test
  void withAnotherKeyNothingMatches() throws Exception {
    twoPersons();
    pipeline.policies(
        ColumnPolicies.of(
            List.of(new ColumnConfig(".*(email|tax)", Policy.HASH, null, null)),
            HashKey.of("another key")));

    VerificationReport report = pipeline.verify();

    assertThat(report.verdict()).isEqualTo(Verdict.MISMATCH);
    assertThat(named(report, DeltaFold.STORE)).hasSize(4);
  }

  @Test
  void anExcludedColumnThatAStoreStillHasIsNoted() throws Exception {
    twoPersons();
    pipeline.policies(
        ColumnPolicies.of(
            List.of(
                new ColumnConfig("app.person.(email|tax)", Policy.HASH, null, null),
                new ColumnConfig("app.person.(name|ssn|phone)", Policy.EXCLUDE, null, null)),
            KEY));

    VerificationReport report = pipeline.verify();

    assertThat(report.verdict()).describedAs(text(report)).isEqualTo(Verdict.MATCH);
    assertThat(report.tables().get(0).notes())
        .containsExactly(
            "column name is excluded, not compared",
            "column ssn is excluded, not compared; the stores have it, from before it was excluded",
            "column phone is excluded, not compared; the stores have it, from before it was"
                + " excluded");
  }
}
