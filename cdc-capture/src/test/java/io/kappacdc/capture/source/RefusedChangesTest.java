package io.kappacdc.capture.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kappacdc.capture.TestServers;
import io.kappacdc.capture.TestServers.Servers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class RefusedChangesTest {
  private static final String DATABASE = "refused_changes";

  @Test
  void areThoseOfTablesWhoseOldRowsCannotBeToldApart(Servers servers) throws SQLException {
    servers.postgres().createDatabaseIfMissing(DATABASE);
    try (Connection connection = servers.postgres().connect(DATABASE);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE keyed (id int PRIMARY KEY); CREATE TABLE keyless (id int);"
              + " CREATE TABLE whole (id int); ALTER TABLE whole REPLICA IDENTITY FULL;"
              + " CREATE TABLE blind (id int PRIMARY KEY); ALTER TABLE blind REPLICA IDENTITY NOTHING;"
              + " CREATE UNLOGGED TABLE scratch (id int);"
              + " CREATE TABLE parts (id int) PARTITION BY LIST (id);"
              + " CREATE TABLE part PARTITION OF parts DEFAULT;"
              + " CREATE PUBLICATION all_tables FOR ALL TABLES");

      RefusedChanges refused = RefusedChanges.read(connection);

      assertThat(refused.tables()).containsExactly("blind", "keyless", "part");
      for (String table : refused.tables()) {
        assertThatThrownBy(() -> statement.execute("DELETE FROM " + table))
            .hasMessageContaining("does not have a replica identity");
      }
      statement.execute("DELETE FROM keyed; DELETE FROM whole; DELETE FROM scratch");
    }
  }

  @Test
  void namesSomeOfMany() {
    List<String> many = java.util.stream.IntStream.range(0, 22).mapToObj(i -> "t" + i).toList();

    assertThat(new RefusedChanges(many).named()).startsWith("t0, t1, ").endsWith("t19 and 2 more");
  }
}
