package io.kappacdc.load;

import io.kappacdc.load.FundWorkload.Share;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;

/** One connection's transactions on the fund tables; knows which of its rows exist. */
final class FundSession implements Workload.Session {
  private static final int ID_BLOCK = 500;
  private static final LocalDate FIRST_DAY = LocalDate.of(2020, 1, 1);
  private static final String[] STYLES = {"Growth", "Value", "Bond", "Größe", "Índice", "株式"};

  private final Connection connection;
  private final Mix mix;
  private final SplittableRandom random;
  private final KeyBag holders;
  private final Table funds;
  private final Table units;

  FundSession(Connection connection, Mix mix, long seed, Share share) throws SQLException {
    this.connection = connection;
    this.mix = mix;
    this.random = new SplittableRandom(seed);
    connection.setAutoCommit(false);
    this.funds =
        new Table(
            "public.fund_metadata_fund_id_seq",
            connection.prepareStatement(
                "INSERT INTO public.fund_metadata (fund_id, fund_name, fund_code,"
                    + " fund_description, updated_at, fund_price) VALUES (?, ?, ?, ?, ?, ?)"),
            connection.prepareStatement(
                "UPDATE public.fund_metadata SET fund_price = ?, updated_at = ? WHERE fund_id = ?"),
            connection.prepareStatement("DELETE FROM public.fund_metadata WHERE fund_id = ?"));
    this.units =
        new Table(
            "public.fund_unit_unit_id_seq",
            connection.prepareStatement(
                "INSERT INTO public.fund_unit (unit_id, fund_id, unit_price, unit_date)"
                    + " VALUES (?, ?, ?, ?)"),
            connection.prepareStatement(
                "UPDATE public.fund_unit SET unit_price = ? WHERE unit_id = ?"),
            connection.prepareStatement("DELETE FROM public.fund_unit WHERE unit_id = ?"));
    this.holders =
        existing(
            "SELECT fund_id FROM public.fund_metadata WHERE fund_code LIKE '"
                + FundWorkload.HOLDER_CODE
                + "%%' AND fund_id %% %d = %d",
            share);
    funds.keys =
        existing(
            "SELECT fund_id FROM public.fund_metadata WHERE fund_code LIKE 'F%%'"
                + " AND fund_id %% %d = %d",
            share);
    units.keys = existing("SELECT unit_id FROM public.fund_unit WHERE unit_id %% %d = %d", share);
    connection.commit();
  }

  private KeyBag existing(String query, Share share) throws SQLException {
    KeyBag keys = new KeyBag();
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(10_000);
      String sql = query.formatted(share.sessions(), share.index());
      try (ResultSet rows = statement.executeQuery(sql + " LIMIT " + KeyBag.SIZE_MAX)) {
        while (rows.next()) {
          keys.add(rows.getInt(1));
        }
      }
    }
    return keys;
  }

  @Override
  public ChangeCount transaction(int rows) throws SQLException {
    try {
      for (int i = 0; i < rows; i++) {
        addChange();
      }
      // Parents before children, children gone before parents.
      ChangeCount done = funds.insert().plus(units.insert());
      done = done.plus(funds.update()).plus(units.update());
      done = done.plus(units.delete()).plus(funds.delete());
      connection.commit();
      funds.committed();
      units.committed();
      return done;
    } catch (SQLException e) {
      funds.rolledBack();
      units.rolledBack();
      connection.rollback();
      throw e;
    }
  }

  private void addChange() throws SQLException {
    boolean unit = !holders.isEmpty() && random.nextInt(3) == 0;
    Table table = unit ? units : funds;
    Mix.Kind kind = table.keys.isEmpty() ? Mix.Kind.INSERT : mix.pick(random);
    switch (kind) {
      case INSERT -> {
        if (unit) {
          addUnit();
        } else {
          addFund();
        }
      }
      case UPDATE -> {
        if (unit) {
          units.update.setBigDecimal(1, price());
          units.update.setInt(2, units.keys.draw(random));
        } else {
          funds.update.setBigDecimal(1, price());
          funds.update.setLong(2, random.nextLong(1L << 41));
          funds.update.setInt(3, fundToUpdate());
        }
        table.addUpdate();
      }
      case DELETE -> table.addDelete();
    }
  }

  private int fundToUpdate() {
    boolean holder = random.nextInt(holders.size() + funds.keys.size()) < holders.size();
    return (holder ? holders : funds.keys).draw(random);
  }

  private void addFund() throws SQLException {
    int id = funds.nextId();
    String style = STYLES[random.nextInt(STYLES.length)];
    funds.insert.setInt(1, id);
    funds.insert.setString(2, style + " Fund " + id);
    funds.insert.setString(3, "F" + Integer.toString(id, Character.MAX_RADIX));
    funds.insert.setString(4, random.nextInt(20) == 0 ? null : (style + " ").repeat(describes()));
    funds.insert.setLong(5, random.nextLong(1L << 41));
    funds.insert.setBigDecimal(6, price());
    funds.addInsert(id);
  }

  private void addUnit() throws SQLException {
    int id = units.nextId();
    units.insert.setInt(1, id);
    units.insert.setInt(2, holders.draw(random));
    units.insert.setBigDecimal(3, price());
    units.insert.setObject(4, FIRST_DAY.plusDays(random.nextInt(2_000)));
    units.addInsert(id);
  }

  private int describes() {
    return 1 + random.nextInt(16);
  }

  private BigDecimal price() {
    return BigDecimal.valueOf(random.nextInt(1, 100_000_000), 2);
  }

  /** Statements and keys of one table, and what the open transaction did to the keys. */
  private final class Table {
    private final String sequence;
    private final PreparedStatement insert;
    private final PreparedStatement update;
    private final PreparedStatement delete;
    private final Deque<Integer> ids = new ArrayDeque<>(ID_BLOCK);
    private final List<Integer> inserted = new ArrayList<>();
    private final List<Integer> deleted = new ArrayList<>();
    private KeyBag keys = new KeyBag();
    private int updates;

    Table(
        String sequence,
        PreparedStatement insert,
        PreparedStatement update,
        PreparedStatement delete) {
      this.sequence = sequence;
      this.insert = insert;
      this.update = update;
      this.delete = delete;
    }

    /** Takes numbers from the sequence by the block, so that an insert need not return them. */
    int nextId() throws SQLException {
      if (ids.isEmpty()) {
        try (Statement statement = connection.createStatement();
            ResultSet rows =
                statement.executeQuery(
                    "SELECT nextval('%s') FROM generate_series(1, %d)"
                        .formatted(sequence, ID_BLOCK))) {
          while (rows.next()) {
            ids.add(rows.getInt(1));
          }
        }
      }
      return ids.remove();
    }

    void addInsert(int id) throws SQLException {
      insert.addBatch();
      inserted.add(id);
    }

    void addUpdate() throws SQLException {
      update.addBatch();
      updates++;
    }

    void addDelete() throws SQLException {
      int key = keys.drawAndRemove(random);
      delete.setInt(1, key);
      delete.addBatch();
      deleted.add(key);
    }

    ChangeCount insert() throws SQLException {
      if (inserted.isEmpty()) {
        return ChangeCount.NONE;
      }
      insert.executeBatch(); // all or an exception; a rewritten batch gives no counts
      return new ChangeCount(inserted.size(), 0, 0);
    }

    ChangeCount update() throws SQLException {
      return updates == 0 ? ChangeCount.NONE : new ChangeCount(0, affected(update), 0);
    }

    ChangeCount delete() throws SQLException {
      return deleted.isEmpty() ? ChangeCount.NONE : new ChangeCount(0, 0, affected(delete));
    }

    /** Rows really changed: another program may have deleted a key. */
    private long affected(PreparedStatement statement) throws SQLException {
      long rows = 0;
      for (int count : statement.executeBatch()) {
        rows += count;
      }
      return rows;
    }

    void committed() {
      inserted.forEach(keys::add);
      forget();
    }

    void rolledBack() throws SQLException {
      deleted.forEach(keys::add);
      forget();
      insert.clearBatch();
      update.clearBatch();
      delete.clearBatch();
    }

    private void forget() {
      inserted.clear();
      deleted.clear();
      updates = 0;
    }
  }
}
