package io.kappacdc.processor.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Column;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import io.kappacdc.processor.ServersForTests;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** What {@code sql/roles/sink.sql} grants is enough for the processor, and no more for readers. */
class SinkRolesTest extends TrailViewsCase {
  private static final String REFUSED = "42501";
  private static final TableSchema WITH_SECRET =
      fund(Column.of("id", "integer"), Column.of("name", "text"), Column.of("secret", "text"));

  SinkRolesTest() throws Exception {
    super(database());
  }

  /** A database that nobody has written to yet, as the processor's role comes to it. */
  private static PostgresSettings database() throws Exception {
    PostgresSettings database = ServersForTests.sinkDatabase();
    Path roles = Path.of(System.getProperty("kappa.root"), "sql/roles/sink.sql");
    try (Connection superuser = ServersForTests.connect(database)) {
      assertAllowed(superuser, Files.readString(roles));
      assertAllowed(superuser, "ALTER ROLE kappa_trail PASSWORD 'secret'");
      assertAllowed(superuser, "CREATE ROLE alice LOGIN PASSWORD 'secret' IN ROLE kappa_readers");
      assertAllowed(superuser, "CREATE ROLE support LOGIN PASSWORD 'secret'");
    }
    return new PostgresSettings(database.url(), "kappa_trail", "secret", 4);
  }

  private Connection as(String role) throws SQLException {
    return DriverManager.getConnection(postgres.url(), role, "secret");
  }

  private static void assertAllowed(Connection role, String sql) throws SQLException {
    try (Statement statement = role.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void assertRefused(Connection role, String sql) throws SQLException {
    try (Statement statement = role.createStatement()) {
      assertThatExceptionOfType(SQLException.class)
          .as(sql)
          .isThrownBy(() -> statement.execute(sql))
          .satisfies(e -> assertThat(e.getSQLState()).isEqualTo(REFUSED));
    }
  }

  @Test
  void eachRoleMayDoItsPartAndNoMore() throws SQLException {
    // When: the processor's role writes
    write(
        ChangeEvent.create(at(10, 1), FUND, Row.of("1", "one")),
        ChangeEvent.update(at(20, 1), FUND, null, Row.of("1", "two")));
    completed(20);
    assertAllowed(connection, "GRANT SELECT (_kappa_op, id) ON public.fund_trail TO support");
    write(ChangeEvent.create(at(30, 1), WITH_SECRET, Row.of("2", "three", "of nobody's business")));

    // Then
    assertThat(query("SELECT _kappa_op, id, name FROM public.fund_trail"))
        .containsExactly("c|1|one", "c|2|three", "u|1|two");
    assertRefused(connection, "CREATE ROLE another");
    assertRefused(connection, "COPY public.fund_trail TO PROGRAM 'cat'");
    try (Connection analyst = as("alice")) {
      assertAllowed(analyst, "SELECT * FROM public.fund_trail");
      assertAllowed(analyst, "SELECT * FROM public.fund_history");
      assertAllowed(analyst, "SELECT kappa.as_of('0/14')");
      assertAllowed(analyst, "SELECT * FROM public.fund_as_of");
      assertRefused(analyst, "INSERT INTO public.fund_trail (id) VALUES (3)");
      assertRefused(analyst, "UPDATE public.fund_trail SET name = 'forged'");
      assertRefused(analyst, "DELETE FROM public.fund_trail");
      assertRefused(analyst, "TRUNCATE public.fund_trail");
      assertRefused(analyst, "UPDATE kappa.progress SET lsn = lsn");
      assertRefused(analyst, "CREATE TABLE public.own (id int)");
    }
    try (Connection support = as("support")) {
      assertAllowed(support, "SELECT _kappa_op, id FROM public.fund_trail");
      assertRefused(support, "SELECT name FROM public.fund_trail");
      assertRefused(support, "SELECT secret FROM public.fund_trail");
      assertRefused(support, "SELECT * FROM public.fund_trail");
      assertRefused(support, "SELECT * FROM public.fund_history");
      assertRefused(support, "SELECT * FROM public.fund_as_of");
    }
  }
}
