package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.Role;
import io.kappacdc.chaos.stack.Signals;
import io.kappacdc.chaos.stack.Stack;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A table gets a column, loses one, or gets a wider type, and a role is killed right after. */
record ChangeSchema(int weight) implements Fault {
  private static final List<String> TABLES =
      List.of("account_a", "account_b", "dossier", "scratch", "journal");
  private static final List<String> TYPES =
      List.of(
          "int DEFAULT 7",
          "text DEFAULT 'late'",
          "numeric(10,2) DEFAULT 1.50",
          "timestamptz DEFAULT now()",
          "boolean",
          "text[] DEFAULT '{a,b}'");

  /** Each once, as long as there are any. */
  private static final List<String> WIDENINGS =
      List.of(
          "ALTER TABLE dossier ALTER COLUMN seen TYPE bigint",
          "ALTER TABLE account_b ALTER COLUMN balance TYPE numeric(18,2)",
          "ALTER TABLE account_a ALTER COLUMN id TYPE bigint",
          "ALTER TABLE journal ALTER COLUMN teller TYPE bigint");

  private static final int COLUMNS_MAX = 5;
  private static final Duration KILL_AFTER_MAX = Duration.ofMillis(1_500);

  @Override
  public String name() {
    return "schema-change";
  }

  @Override
  public boolean changesRowsSilently() {
    return true;
  }

  @Override
  public String inflict(Stack stack, Random random) throws SQLException, InterruptedException {
    String ddl;
    try (Connection source = stack.source().connect();
        Statement statement = source.createStatement()) {
      ddl = choose(source, random);
      statement.execute(ddl);
    }
    Role role = random.nextBoolean() ? Role.CAPTURE : Role.PROCESSOR;
    Times.sleep(Times.upTo(KILL_AFTER_MAX, random));
    Signals.kill(List.of(Roles.pid(stack, role)));
    return ddl + ", " + role.label() + " killed";
  }

  private static String choose(Connection source, Random random) throws SQLException {
    String table = TABLES.get(random.nextInt(TABLES.size()));
    String type = TYPES.get(random.nextInt(TYPES.size()));
    String widening = WIDENINGS.get(random.nextInt(WIDENINGS.size()));
    int choice = random.nextInt(4);
    List<String> extra =
        names(
            source,
            "SELECT attname FROM pg_attribute WHERE attrelid = '"
                + table
                + "'::regclass AND NOT attisdropped AND attname LIKE 'extra%' ORDER BY attnum");
    String number = names(source, "SELECT nextval('account_ids')::text").get(0);
    if (choice == 0 && isNarrow(source, widening)) {
      return widening;
    } else if (choice == 1 && !extra.isEmpty()) {
      return "ALTER TABLE " + table + " RENAME COLUMN " + extra.get(0) + " TO extra_" + number;
    } else if (extra.size() >= COLUMNS_MAX) {
      return "ALTER TABLE " + table + " DROP COLUMN " + extra.get(0);
    }
    return "ALTER TABLE " + table + " ADD COLUMN extra_" + number + " " + type;
  }

  private static boolean isNarrow(Connection source, String widening) throws SQLException {
    String[] words = widening.split(" ");
    return names(
            source,
            "SELECT 1::text FROM pg_attribute WHERE attrelid = '"
                + words[2]
                + "'::regclass AND attname = '"
                + words[5]
                + "' AND format_type(atttypid, atttypmod) <> '"
                + words[7]
                + "'")
        .contains("1");
  }

  private static List<String> names(Connection source, String sql) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement statement = source.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }
}
