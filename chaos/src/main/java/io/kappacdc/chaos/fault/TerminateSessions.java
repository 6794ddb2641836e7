package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.PostgresServer;
import io.kappacdc.chaos.stack.Stack;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.function.Function;

/** An administrator ends all sessions. */
record TerminateSessions(String server, int weight, Function<Stack, PostgresServer> where)
    implements Fault {
  @Override
  public String name() {
    return "terminate-" + server + "-sessions";
  }

  @Override
  public String inflict(Stack stack, Random random) throws SQLException {
    try (Connection connection = where.apply(stack).connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    + " WHERE pid <> pg_backend_pid()"
                    + " AND backend_type IN ('client backend', 'walsender')")) {
      row.next();
      return row.getInt(1) + " of them";
    }
  }
}
