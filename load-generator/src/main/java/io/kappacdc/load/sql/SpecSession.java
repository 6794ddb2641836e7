package io.kappacdc.load.sql;

import io.kappacdc.load.ChangeCount;
import io.kappacdc.load.Mix;
import io.kappacdc.load.Workload;
import io.kappacdc.load.spec.TableSpec;
import io.kappacdc.load.spec.TransactionSpec.Mixed;
import io.kappacdc.load.spec.TransactionSpec.Scripted;
import io.kappacdc.load.spec.TransactionSpec.Step;
import io.kappacdc.load.spec.WorkloadSpec;
import io.kappacdc.load.sql.Transactions.Plan;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** One connection's transactions; knows which of its rows exist. */
final class SpecSession implements Workload.Session, ValueBinder.References {
  private final Connection connection;
  private final Transactions transactions;
  private final Map<String, TableSession> tables = new LinkedHashMap<>();

  SpecSession(Connection connection, WorkloadSpec spec, Transactions transactions, Keys keys)
      throws SQLException {
    this.connection = connection;
    this.transactions = transactions;
    connection.setAutoCommit(false);
    for (TableSpec table : spec.tables()) {
      tables.put(table.name(), new TableSession(connection, table, keys.of(table.name()), this));
    }
  }

  /** Where the session's new keys come from. */
  @FunctionalInterface
  interface Keys {
    TableSession.NewKeys of(String table);
  }

  void loadKeys(int index, int sessions) throws SQLException {
    for (TableSession table : tables.values()) {
      table.loadKeys(index, sessions);
    }
    connection.commit();
  }

  @Override
  public long any(String table, SplittableRandom random) {
    return tables.get(table).anyKey(random);
  }

  @Override
  public long newest(String table) {
    return tables.get(table).newestKey();
  }

  @Override
  public ChangeCount transaction(long number) throws SQLException {
    Plan plan = transactions.plan(number);
    return commit(
        () ->
            plan.kind() instanceof Mixed mixed
                ? mixed(mixed, plan)
                : scripted((Scripted) plan.kind(), plan));
  }

  /** Inserts rows into one table, in a transaction of their own. */
  ChangeCount insert(String table, int rows, SplittableRandom random) throws SQLException {
    TableSession session = tables.get(table);
    return commit(
        () -> {
          for (int i = 0; i < rows; i++) {
            session.addInsert(random);
          }
          return session.flushInserts();
        });
  }

  @FunctionalInterface
  private interface Changes {
    ChangeCount make() throws SQLException;
  }

  private ChangeCount commit(Changes changes) throws SQLException {
    try {
      ChangeCount done = changes.make();
      connection.commit();
      tables.values().forEach(TableSession::committed);
      return done;
    } catch (SQLException e) {
      for (TableSession table : tables.values()) {
        table.rolledBack();
      }
      connection.rollback();
      throw e;
    }
  }

  private ChangeCount mixed(Mixed mixed, Plan plan) throws SQLException {
    List<TableSession> candidates = new ArrayList<>();
    int weights = 0;
    for (String name : mixed.tables()) {
      TableSession table = tables.get(name);
      candidates.add(table);
      weights += table.spec().weight();
    }
    for (int i = 0; i < plan.rows()[0]; i++) {
      change(pick(candidates, weights, plan.random()), mixed.mix(), plan.random());
    }
    // Parents before children, children gone before parents.
    ChangeCount done = ChangeCount.NONE;
    for (TableSession table : candidates) {
      done = done.plus(table.flushInserts());
    }
    for (TableSession table : candidates) {
      done = done.plus(table.flushUpdates());
    }
    for (int i = candidates.size() - 1; i >= 0; i--) {
      done = done.plus(candidates.get(i).flushDeletes());
    }
    return done;
  }

  private static TableSession pick(
      List<TableSession> candidates, int weights, SplittableRandom random) {
    int drawn = candidates.size() == 1 ? 0 : random.nextInt(weights);
    for (TableSession candidate : candidates) {
      drawn -= candidate.spec().weight();
      if (drawn < 0) {
        return candidate;
      }
    }
    return candidates.get(0);
  }

  /** A table without a row that this session may change so gets one, whatever the mix says. */
  private static void change(TableSession table, Mix mix, SplittableRandom random)
      throws SQLException {
    Mix.Kind kind = mix.pick(random);
    if (kind == Mix.Kind.UPDATE && table.hasRowToUpdate()) {
      table.addUpdate(random);
    } else if (kind == Mix.Kind.DELETE && table.hasRowToDelete()) {
      table.addDelete(random);
    } else {
      table.addInsert(random);
    }
  }

  private ChangeCount scripted(Scripted scripted, Plan plan) throws SQLException {
    ChangeCount done = ChangeCount.NONE;
    for (int i = 0; i < plan.rows().length; i++) {
      Step step = scripted.steps().get(i);
      TableSession table = tables.get(step.table());
      for (int row = 0; row < plan.rows()[i]; row++) {
        switch (step.kind()) {
          case INSERT -> table.addInsert(plan.random());
          case UPDATE -> {
            if (table.hasRowToUpdate()) {
              table.addUpdate(plan.random());
            }
          }
          case DELETE -> {
            if (table.hasRowToDelete()) {
              table.addDelete(plan.random());
            }
          }
        }
      }
      done = done.plus(table.flushInserts()).plus(table.flushUpdates()).plus(table.flushDeletes());
    }
    return done;
  }
}
