package io.kappacdc.benchmarks;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Column;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.Position;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Events to encode: of ten changes six insert, three update and one deletes; 100 changes a
 * transaction; REPLICA IDENTITY DEFAULT. The same events in every run.
 */
public enum Workload {
  /** The fund table: six columns, a sentence of text among them. */
  FUND_METADATA("fund_metadata, 6 columns") {
    @Override
    public TableSchema schema() {
      return new TableSchema(
          "public",
          "fund_metadata",
          List.of(
              Column.of("fund_id", "integer"),
              Column.of("fund_name", "character varying(255)"),
              Column.of("fund_code", "character varying(10)"),
              Column.of("fund_description", "text"),
              Column.of("updated_at", "bigint"),
              Column.of("fund_price", "numeric(10,2)")),
          List.of("fund_id"),
          ReplicaIdentity.DEFAULT);
    }

    @Override
    String[] row(long key, SplittableRandom random) {
      return new String[] {
        Long.toString(key),
        "Global Equity Growth Fund " + key,
        "F" + key,
        "A diversified portfolio of large companies, class " + hex(random, 16),
        Long.toString(1_767_225_600_000L + random.nextInt(86_400_000)),
        cents(random)
      };
    }
  },

  /** A table of forty columns: numbers, texts, times, booleans, a fifth of the values NULL. */
  WIDE_ROW("wide row, 40 columns") {
    @Override
    public TableSchema schema() {
      List<Column> columns = new ArrayList<>();
      columns.add(Column.of("account_id", "bigint"));
      for (int group = 1; group <= 3; group++) {
        for (String[] column : WIDE_GROUP) {
          columns.add(Column.of(column[0] + '_' + group, column[1]));
        }
      }
      return new TableSchema(
          "public", "account", columns, List.of("account_id"), ReplicaIdentity.DEFAULT);
    }

    @Override
    String[] row(long key, SplittableRandom random) {
      String[] row = new String[1 + 3 * WIDE_GROUP.length];
      row[0] = Long.toString(key);
      for (int i = 1; i < row.length; i++) {
        String type = WIDE_GROUP[(i - 1) % WIDE_GROUP.length][1];
        row[i] = random.nextInt(5) == 0 ? null : value(type, random);
      }
      return row;
    }
  };

  /** Events in a batch. */
  public static final int EVENTS = 500;

  private static final int TRANSACTION_EVENTS = 100;
  private static final long SEED = 20_260_101;
  private static final String[][] WIDE_GROUP = {
    {"branch_number", "integer"},
    {"customer_number", "bigint"},
    {"opening_balance", "numeric(18,4)"},
    {"currency_code", "character varying(3)"},
    {"holder_name", "text"},
    {"street_address", "text"},
    {"is_active", "boolean"},
    {"opened_at", "timestamp with time zone"},
    {"birth_date", "date"},
    {"risk_score", "double precision"},
    {"reference_id", "uuid"},
    {"postal_code", "character varying(12)"},
    {"remark_text", "text"},
  };

  private final String label;

  Workload(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }

  /** The table's schema. */
  public abstract TableSchema schema();

  abstract String[] row(long key, SplittableRandom random);

  /** A batch of {@link #EVENTS} events in the order of their positions. */
  public List<ChangeEvent> events() {
    TableSchema schema = schema();
    SplittableRandom random = new SplittableRandom(SEED);
    long lowest = 1_000_000;
    long highest = 1_200_000;
    List<ChangeEvent> events = new ArrayList<>(EVENTS);
    for (int i = 0; i < EVENTS; i++) {
      Origin origin = origin(i);
      switch (i % 10) {
        case 2, 5, 8 -> {
          long key = random.nextLong(lowest + 1, highest + 1);
          events.add(ChangeEvent.update(origin, schema, null, Row.of(row(key, random))));
        }
        case 9 -> events.add(ChangeEvent.delete(origin, schema, keyOnly(++lowest, schema)));
        default -> events.add(ChangeEvent.create(origin, schema, Row.of(row(++highest, random))));
      }
    }
    return events;
  }

  private static Origin origin(int event) {
    long transaction = event / TRANSACTION_EVENTS;
    Position position =
        new Position(
            Lsn.parse("16/B374D848") + transaction * 21_944, event % TRANSACTION_EVENTS + 1);
    return new Origin(
        position, 7_710_000 + transaction, 1_767_225_600_123_456L + transaction * 10_007);
  }

  private static Row keyOnly(long key, TableSchema schema) {
    String[] values = new String[schema.columns().size()];
    Arrays.fill(values, Row.ABSENT);
    values[0] = Long.toString(key);
    return Row.of(values);
  }

  private static String value(String type, SplittableRandom random) {
    return switch (type) {
      case "integer" -> Integer.toString(random.nextInt(100_000));
      case "bigint" -> Long.toString(random.nextLong(1L << 40));
      case "numeric(18,4)" -> cents(random) + "00";
      case "character varying(3)" -> random.nextBoolean() ? "EUR" : "USD";
      case "boolean" -> random.nextBoolean() ? "t" : "f";
      case "timestamp with time zone" ->
          "2026-01-%02d %02d:%02d:%02d.%06d+00"
              .formatted(
                  1 + random.nextInt(28),
                  random.nextInt(24),
                  random.nextInt(60),
                  random.nextInt(60),
                  random.nextInt(1_000_000));
      case "date" -> "19%02d-05-%02d".formatted(random.nextInt(100), 1 + random.nextInt(31));
      case "double precision" -> Double.toString(random.nextDouble());
      case "uuid" -> uuid(hex(random, 16));
      case "character varying(12)" -> Integer.toString(10_000 + random.nextInt(90_000));
      default -> "Musterstrasse " + random.nextInt(500) + ", " + hex(random, 6);
    };
  }

  private static String uuid(String hex) {
    return String.join(
        "-",
        hex.substring(0, 8),
        hex.substring(8, 12),
        hex.substring(12, 16),
        hex.substring(16, 20),
        hex.substring(20));
  }

  private static String cents(SplittableRandom random) {
    return "%d.%02d".formatted(random.nextInt(90_000), random.nextInt(100));
  }

  private static String hex(SplittableRandom random, int bytes) {
    byte[] noise = new byte[bytes];
    random.nextBytes(noise);
    return HexFormat.of().formatHex(noise);
  }
}
