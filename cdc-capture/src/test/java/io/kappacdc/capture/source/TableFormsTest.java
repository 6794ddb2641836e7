package io.kappacdc.capture.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.capture.TestServers;
import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.resume.TableForm;
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
    sql("DROP TABLE IF EXISTS %s");
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
        "ALTER TABLE %s ALTER v TYPE text               | column 'v' has another type",
        "ALTER TABLE %s ALTER n TYPE numeric(12,4)      | column 'n' was rewritten",
        "ALTER TABLE %s ALTER v TYPE varchar(10) USING upper(v) | column 'v' was rewritten"
      })
  void rowsReadDifferentlyAfter(String change, String reason) throws SQLException {
    TableForm before = form();

    sql(change);

    assertThat(form().differenceFrom(before)).contains(reason);
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

    assertThat(form().differenceFrom(before)).contains("the table was made anew");
  }

  @Test
  void aColumnsSecondLifeIsNotItsFirst() throws SQLException {
    TableForm before = form();
    sql("ALTER TABLE %s RENAME v TO w");
    sql("ALTER TABLE %s ADD v varchar(10)");

    assertThat(form().differenceFrom(before)).contains("column 'w' was called 'v'");
  }

  @Test
  void aRewriteOfPartitionsIsOneOfTheirRoot() throws SQLException {
    sql("DROP TABLE %s");
    sql("CREATE TABLE %s (id int, n int, v text) PARTITION BY RANGE (id)");
    sql("CREATE TABLE form_part PARTITION OF %s FOR VALUES FROM (0) TO (10) PARTITION BY LIST (n)");
    sql("CREATE TABLE form_leaf PARTITION OF form_part FOR VALUES IN (1)");
    TableForm before = form();
    sql("CREATE TABLE form_more PARTITION OF %s FOR VALUES FROM (10) TO (20)");
    assertThat(form().differenceFrom(before)).isEmpty();

    sql("ALTER TABLE %s ALTER v TYPE text USING upper(v)");

    assertThat(form().differenceFrom(before)).contains("column 'v' was rewritten");
  }

  @Test
  void aTableThatIsGoneHasNoForm() throws SQLException {
    assertThat(TableForms.read(connection, List.of(new TableName("public", "nowhere")))).isEmpty();
  }
}
