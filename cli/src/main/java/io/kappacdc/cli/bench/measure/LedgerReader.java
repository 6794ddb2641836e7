package io.kappacdc.cli.bench.measure;

import io.kappacdc.cli.config.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the ledger in the sink as it moves on. A ledger row is written in the transaction of the
 * trail's rows, so who reads it could have read them. For one thread.
 */
public final class LedgerReader implements Watch.Look, AutoCloseable {
  private static final String QUERY = "SELECT topic, partition, next_offset FROM kappa.ledger";
  private static final int TIMEOUT_SECONDS = 10;

  private final Database sink;
  private final Stage stage;
  private @Nullable Connection connection;
  private @Nullable PreparedStatement query;

  public LedgerReader(Database sink, Stage stage) {
    this.sink = sink;
    this.stage = stage;
  }

  @Override
  public void look() throws SQLException {
    if (connection == null || query == null) {
      connection = sink.connect();
      query = connection.prepareStatement(QUERY);
      query.setQueryTimeout(TIMEOUT_SECONDS);
    }
    try (ResultSet rows = query.executeQuery()) {
      long now = Watch.nowMicros();
      while (rows.next()) {
        stage.reached(new PartitionId(rows.getString(1), rows.getInt(2)), now, rows.getLong(3));
      }
    } catch (SQLException e) {
      close();
      throw e;
    }
  }

  @Override
  public void close() throws SQLException {
    if (connection != null) {
      connection.close();
      connection = null;
      query = null;
    }
  }
}
