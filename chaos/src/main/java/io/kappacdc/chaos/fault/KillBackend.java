package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.PostgresServer;
import io.kappacdc.chaos.stack.Signals;
import io.kappacdc.chaos.stack.Stack;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/**
 * SIGKILL for one server process of PostgreSQL, as the kernel does when memory is short: the server
 * ends all the others and recovers by itself.
 */
record KillBackend(String server, int weight, Function<Stack, PostgresServer> where)
    implements Fault {
  @Override
  public String name() {
    return "crash-" + server;
  }

  @Override
  public String inflict(Stack stack, Random random) throws SQLException {
    List<Long> pids = new ArrayList<>();
    List<String> kinds = new ArrayList<>();
    try (Connection connection = where.apply(stack).connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT pid, backend_type FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                    + " AND backend_type NOT LIKE 'logical replication launcher' ORDER BY pid")) {
      while (rows.next()) {
        pids.add(rows.getLong(1));
        kinds.add(rows.getString(2));
      }
    }
    int chosen = random.nextInt(pids.size());
    Signals.kill(List.of(pids.get(chosen)));
    return kinds.get(chosen);
  }
}
