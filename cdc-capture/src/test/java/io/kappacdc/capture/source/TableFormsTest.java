package io.kappacdc.capture.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.capture.TestServers;
import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.resume.TableForm;
import io.kappacdc.capture.resume.TableForm.Difference;
import io.kappacdc.capture.resume.TableForm.Effect;
import io.kappacdc.capture.resume.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(TestServers.class)
class TableFormsTest {
  private static final TableName NAME = new TableName("public", "for\"m");

  private Connection connection;

  @BeforeEach
  void createATable(Servers servers) throws SQLException {
    connection = servers.postgres().connect("postgres");
    sql("CREATE TABLE %s (id int PRIMARY KEY, v varchar(10), n numeric(10,2), gone int)");
    sql("INSERT INTO %s VALUES (1, 'a', 1.00, 1)");
  }

  @AfterEach
  void drop() throws SQLException {
    sql("DROP TABLE IF EXISTS %s, form_apart, form_away");
    connection.close();
  }

  private void sql(String statement) throws SQLException {
    try (Statement execution = connection.createStatement()) {
      execution.execute(statement.replace("%s", "public.\"for\"\"m\""));
    }
  }

  private TableForm form() throws SQLException {
    return TableForms.read(connection, List.of(NAME)).get(NAME);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ALTER TABLE %s ADD more int DEFAULT 7          | column 'more' was added with values for all rows",
        "ALTER TABLE %s ADD more uuid DEFAULT gen_random_uuid() | column 'more' was added with values for all rows",
        "ALTER TABLE %s ADD more int GENERATED ALWAYS AS IDENTITY | column 'more' was added with values for all rows",
        "ALTER TABLE %s RENAME v TO w                   | column 'w' was called 'v'",
        "ALTER TABLE %s DROP v, ADD v varchar(10)       | column 'v' was dropped and made anew",
        "ALTER TABLE %s DROP v; ALTER TABLE %s ADD v text | column 'v' was dropped and made anew",
        "ALTER TABLE %s ALTER v TYPE text               | column 'v' has another type",
        "ALTER TABLE %s ALTER n TYPE numeric(12,4)      | column 'n' was rewritten",
        "ALTER TABLE %s ALTER v TYPE varchar(10) USING upper(v) | column 'v' was rewritten"
      })
  void rowsReadDifferentlyAfter(String change, String reason) throws SQLException {
    TableForm before = form();

    sql(change);

    assertThat(form().differenceFrom(before))
        .contains(new Difference(Effect.READ_DIFFERENTLY, reason, List.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE %s ADD more int",
        "ALTER TABLE %s ADD more text COLLATE \"C\" CHECK (more <> '')",
        "ALTER TABLE %s DROP gone",
        "ALTER TABLE %s ALTER v TYPE varchar(20)",
        "ALTER TABLE %s ALTER n TYPE numeric(12,2)",
        "ALTER TABLE %s ALTER v SET DEFAULT 'x'",
        "ALTER TABLE %s ALTER v SET NOT NULL",
        "TRUNCATE %s",
        "VACUUM FULL %s",
        "UPDATE %s SET v = 'b'"
      })
  void rowsReadTheSameAfter(String change) throws SQLException {
    TableForm before = form();

    sql(change);

    assertThat(form().differenceFrom(before)).isEmpty();
  }

  @Test
  void aTableOfTheSameNameIsAnother() throws SQLException {
    TableForm before = form();
    sql("DROP TABLE %s");
    sql("CREATE TABLE %s (id int PRIMARY KEY, v varchar(10), n numeric(10,2), gone int)");

    assertThat(form().differenceFrom(before))
        .contains(new Difference(Effect.WENT, "the table was made anew", List.of()));
  }

  @Test
  void aColumnsSecondLifeIsNotItsFirst() throws SQLException {
    TableForm before = form();
    sql("ALTER TABLE %s RENAME v TO w");
    sql("ALTER TABLE %s ADD v varchar(10)");

    assertThat(form().differenceFrom(before).map(Difference::cause))
        .contains("column 'w' was called 'v'");
  }

  private void partitioned() throws SQLException {
    sql("DROP TABLE %s");
    sql("DROP TABLE IF EXISTS form_apart, form_away");
    sql("CREATE TABLE %s (id int, n int NOT NULL, v text DEFAULT '') PARTITION BY RANGE (id)");
    sql("CREATE TABLE form_part PARTITION OF %s FOR VALUES FROM (0) TO (10) PARTITION BY LIST (n)");
    sql("CREATE TABLE form_leaf PARTITION OF form_part FOR VALUES IN (1)");
    sql("CREATE TABLE form_apart (LIKE %s INCLUDING ALL)");
    sql("CREATE TABLE form_away (LIKE %s INCLUDING ALL)");
    sql("ALTER TABLE %s ATTACH PARTITION form_away FOR VALUES FROM (50) TO (60)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ALTER TABLE %s ATTACH PARTITION form_apart FOR VALUES FROM (20) TO (30) | a partition was attached",
        "ALTER TABLE form_part ATTACH PARTITION form_apart FOR VALUES IN (2) | a partition was attached",
        "CREATE TABLE form_new (LIKE %s); INSERT INTO form_new VALUES (71, 1, 'x'); ALTER TABLE %s ATTACH PARTITION form_new DEFAULT | a partition was attached"
      })
  void rowsCameWith(String change, String cause) throws SQLException {
    partitioned();
    TableForm before = form();

    sql(change);

    assertThat(form().differenceFrom(before))
        .hasValueSatisfying(
            difference -> {
              assertThat(difference.effect()).isEqualTo(Effect.CAME);
              assertThat(difference.cause()).isEqualTo(cause);
              assertThat(difference.among()).hasSize(1);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DROP TABLE form_away                        | a partition was detached or dropped",
        "ALTER TABLE %s DETACH PARTITION form_away   | a partition was detached or dropped",
        "ALTER TABLE %s DETACH PARTITION form_away CONCURRENTLY | a partition was detached or dropped",
        "ALTER TABLE %s DETACH PARTITION form_away; ALTER TABLE %s ATTACH PARTITION form_away FOR VALUES FROM (50) TO (60) | a partition was detached or dropped",
        "DROP TABLE form_part                        | a partition was detached or dropped",
        "TRUNCATE form_leaf                          | a partition was truncated or rewritten",
        "TRUNCATE form_part                          | a partition was truncated or rewritten",
        "ALTER TABLE %s ALTER v TYPE text USING upper(v) | a partition was truncated or rewritten"
      })
  void rowsWentWith(String change, String cause) throws SQLException {
    partitioned();
    TableForm before = form();

    sql(change);

    assertThat(form().differenceFrom(before))
        .contains(new Difference(Effect.WENT, cause, List.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE TABLE form_more PARTITION OF %s FOR VALUES FROM (10) TO (20)",
        "CREATE TABLE form_more PARTITION OF form_part (v DEFAULT 'x') FOR VALUES IN (2, 3)",
        "CREATE TABLE form_more PARTITION OF %s DEFAULT PARTITION BY LIST (n);"
            + " CREATE TABLE form_most PARTITION OF form_more FOR VALUES IN (1)",
        "INSERT INTO %s VALUES (1, 1, 'x')",
        "ALTER TABLE %s ADD CHECK (n > 0)",
        "ALTER TABLE %s ADD more int"
      })
  void noRowsComeOrGoWith(String change) throws SQLException {
    partitioned();
    TableForm before = form();

    sql(change);

    assertThat(form().differenceFrom(before)).isEmpty();
  }

  @Test
  void aNewColumnsDefaultIsInTheRowsOfPartitions() throws SQLException {
    partitioned();
    TableForm before = form();

    sql("ALTER TABLE %s ADD more int DEFAULT 7");

    assertThat(form().differenceFrom(before))
        .contains(
            new Difference(
                Effect.READ_DIFFERENTLY,
                "column 'more' was added with values for all rows",
                List.of()));
  }

  @Test
  void aTableThatIsGoneHasNoForm() throws SQLException {
    assertThat(TableForms.read(connection, List.of(new TableName("public", "nowhere")))).isEmpty();
  }
}
