package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.TopicReader.Captured;
import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Column;
import io.kappacdc.event.Row;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Values arrive as their type's output function prints them, by snapshot and by stream alike. */
@ExtendWith(TestServers.class)
class ValueTextTest {
  private static final Map<String, List<String>> VALUES_BY_TYPE = values();

  private CaptureFixture source;

  private static Map<String, List<String>> values() {
    Map<String, List<String>> values = new LinkedHashMap<>();
    values.put("smallint", List.of("-32768", "7"));
    values.put("integer", List.of("2147483647", "-1"));
    values.put("bigint", List.of("-9223372036854775808", "0"));
    values.put("numeric", List.of("NaN", "Infinity", "-0.000000000000000000000000000001"));
    values.put("numeric(10,2)", List.of("105.5", "-0.01"));
    values.put("numeric(40,0)", List.of("1234567890123456789012345678901234567890"));
    values.put("real", List.of("0.1", "NaN", "-Infinity", "1e-20"));
    values.put("double precision", List.of("0.1", "1e300", "Infinity", "-0"));
    values.put("money", List.of("-1234.56"));
    values.put("boolean", List.of("true", "false"));
    values.put("character(10)", List.of("ab", "          "));
    values.put("character varying(20)", List.of("trailing  ", ""));
    values.put("text", List.of("back\\slash \"q\" \t ünï 🙂", "__debezium_unavailable_value"));
    values.put("\"char\"", List.of("x"));
    values.put("name", List.of("a name"));
    values.put("bytea", List.of("\\x00ff27", "\\x"));
    values.put("date", List.of("0044-03-15 BC", "infinity", "5874897-12-31", "1582-10-10"));
    values.put("time without time zone", List.of("24:00:00", "12:34:56.123456"));
    values.put("time(2) without time zone", List.of("12:34:56.12"));
    values.put("time with time zone", List.of("12:34:56.1+05:30", "24:00:00-15:59"));
    values.put(
        "timestamp without time zone",
        List.of("infinity", "0001-01-01 00:00:00 BC", "294276-12-31 23:59:59.999999"));
    values.put("timestamp(0) without time zone", List.of("2024-02-29 12:00:00"));
    values.put(
        "timestamp with time zone",
        List.of("-infinity", "2024-02-29 12:00:00.000001+02", "1582-10-10 00:00:00+00"));
    values.put("interval", List.of("1 year 2 mons -3 days 04:05:06.789", "-1 days +02:03"));
    values.put("interval day to second(3)", List.of("5 days 01:02:03.456"));
    values.put("uuid", List.of("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"));
    values.put("json", List.of("{\"a\" :  1, \"a\": [null]}", "null"));
    values.put("jsonb", List.of("{\"b\": 1.10, \"a\": \"x\"}"));
    values.put("jsonpath", List.of("$.a[*] ? (@ > 1)"));
    values.put("bit(5)", List.of("10110"));
    values.put("bit varying(9)", List.of("101", ""));
    values.put("inet", List.of("192.168.1.1", "::1/64", "10.0.0.0/8"));
    values.put("cidr", List.of("10.0.0.0/8"));
    values.put("macaddr", List.of("08:00:2b:01:02:03"));
    values.put("macaddr8", List.of("08:00:2b:01:02:03:04:05"));
    values.put("point", List.of("(1.5,-2)"));
    values.put("line", List.of("{1,2,3}"));
    values.put("lseg", List.of("[(0,0),(1,1)]"));
    values.put("box", List.of("(1,1),(0,0)"));
    values.put("path", List.of("((0,0),(1,1))", "[(0,0),(1,1)]"));
    values.put("polygon", List.of("((0,0),(1,1),(1,0))"));
    values.put("circle", List.of("<(0,0),2.5>"));
    values.put("tsvector", List.of("'fat':2 'cat':3A"));
    values.put("tsquery", List.of("'fat' & 'rat'"));
    values.put("pg_lsn", List.of("16/B374D848"));
    values.put("oid", List.of("4294967295"));
    values.put("xid", List.of("42"));
    values.put("xid8", List.of("18446744073709551615"));
    values.put("tid", List.of("(0,1)"));
    values.put("regtype", List.of("integer"));
    values.put("int4range", List.of("[1,10)", "empty", "(,5]"));
    values.put("numrange", List.of("[1.10,2)"));
    values.put("tstzrange", List.of("[2024-01-01 00:00:00+00,infinity)"));
    values.put("daterange", List.of("[2024-01-01,2024-02-01)"));
    values.put("int4multirange", List.of("{[1,3),[5,7)}"));
    values.put("integer[]", List.of("{1,NULL,3}", "{{1,2},{3,4}}", "[0:1]={5,6}", "{}"));
    values.put("text[]", List.of("{a,\"with,comma\",\"NULL\",NULL,\"\"}"));
    values.put("numeric(8,3)[]", List.of("{1.100,NaN}"));
    values.put("timestamp with time zone[]", List.of("{\"2024-01-01 00:00:00+00\"}"));
    values.put("bytea[]", List.of("{\"\\\\x00ff\"}"));
    values.put("jsonb[]", List.of("{\"{\\\"a\\\": 1}\"}"));
    values.put("mood", List.of("so so"));
    values.put("mood[]", List.of("{\"so so\",happy}"));
    values.put("pair", List.of("(1,\"a b\")", "(,)"));
    values.put("positive", List.of("5"));
    values.put("padded", List.of("ab"));
    values.put("positive[]", List.of("{1,2}"));
    values.put("other.mood", List.of("grim"));
    return values;
  }

  @BeforeEach
  void openSource(Servers servers) {
    source = new CaptureFixture(servers);
    source.sql(
        "CREATE TYPE mood AS ENUM ('so so', 'happy')",
        "CREATE SCHEMA other",
        "CREATE TYPE other.mood AS ENUM ('grim')",
        "CREATE TYPE pair AS (a int, b text)",
        "CREATE DOMAIN positive AS numeric(6,1) CHECK (VALUE > 0)",
        "CREATE DOMAIN padded AS character(6)",
        // Whatever the database is set to, the text on the stream is always the same.
        "ALTER DATABASE " + source.name + " SET DateStyle = 'German, DMY'",
        "ALTER DATABASE " + source.name + " SET IntervalStyle = 'iso_8601'",
        "ALTER DATABASE " + source.name + " SET bytea_output = 'escape'",
        "ALTER DATABASE " + source.name + " SET TimeZone = 'Asia/Tokyo'",
        "ALTER DATABASE " + source.name + " SET extra_float_digits = -5");
    int number = 0;
    for (String type : VALUES_BY_TYPE.keySet()) {
      source.sql("CREATE TABLE v" + number++ + " (id int PRIMARY KEY, v " + type + ")");
    }
  }

  @AfterEach
  void closeSource() {
    source.close();
  }

  private void insertAll(int firstId) {
    List<String> statements = new ArrayList<>(List.of("SET DateStyle = 'ISO, MDY'"));
    int number = 0;
    for (Map.Entry<String, List<String>> type : VALUES_BY_TYPE.entrySet()) {
      int id = firstId;
      for (String value : type.getValue()) {
        statements.add(
            "INSERT INTO v%d VALUES (%d, '%s'), (%d, NULL)"
                .formatted(number, id, value.replace("'", "''"), id + 1));
        id += 2;
      }
      number++;
    }
    source.sql(statements.toArray(new String[0]));
  }

  @Test
  void everyTypesTextIsTheServersOwnInSnapshotAndStream() throws Exception {
    insertAll(0);
    source.start();
    insertAll(1000);
    source.awaitCaptured();

    Map<String, List<Captured>> byTable = new LinkedHashMap<>();
    for (Captured captured : source.topics.events()) {
      byTable
          .computeIfAbsent(captured.event().schema().table(), table -> new ArrayList<>())
          .add(captured);
    }
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "SET DateStyle = 'ISO, MDY'; SET IntervalStyle = postgres; SET bytea_output = hex;"
              + " SET TimeZone = 'UTC'; SET extra_float_digits = 1");
      int number = 0;
      for (String type : VALUES_BY_TYPE.keySet()) {
        String table = "v" + number++;
        List<String> expected = new ArrayList<>();
        try (ResultSet rows =
            statement.executeQuery(
                "SELECT id, CASE WHEN num_nulls(v) = 0 THEN format('%s', v) END FROM "
                    + table
                    + " ORDER BY id")) {
          while (rows.next()) {
            expected.add(rows.getInt(1) + "=" + rows.getString(2));
          }
        }
        assertThat(byTable.get(table))
            .as(type)
            .extracting(captured -> idAndText(captured.event()))
            .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(byTable.get(table))
            .as("snapshot and stream of %s have one schema", type)
            .extracting(captured -> captured.event().schema())
            .containsOnly(byTable.get(table).get(0).event().schema());
        assertThat(column(byTable.get(table).get(0)).type()).isEqualTo(type);
      }
    }
  }

  private static String idAndText(ChangeEvent event) {
    Row row = event.after();
    return row.get(0) + "=" + row.get(1);
  }

  private static Column column(Captured captured) {
    return captured.event().schema().columns().get(1);
  }

  @Test
  void columnsNameTheBuiltInTypeThatHoldsTheirText() {
    source.sql(
        "CREATE TABLE mixed (id bigint PRIMARY KEY, m mood, d positive, p pair, ms mood[],"
            + " r regclass, cash money, price numeric(10,2) NOT NULL)",
        "INSERT INTO mixed VALUES (1, 'happy', 5, '(1,b)', '{happy}', 'mixed', 5, 1)");
    source.start();
    source.awaitCaptured();

    assertThat(source.topics.events("mixed").get(0).event().schema().columns())
        .containsExactly(
            new Column("id", "bigint", "bigint", false, "id"),
            new Column("m", "mood", "text", true, "m"),
            new Column("d", "positive", "numeric(6,1)", true, "d"),
            new Column("p", "pair", "text", true, "p"),
            new Column("ms", "mood[]", "text", true, "ms"),
            new Column("r", "regclass", "text", true, "r"),
            new Column("cash", "money", "text", true, "cash"),
            new Column("price", "numeric(10,2)", "numeric(10,2)", false, "price"));
  }

  @Test
  void keysOfEveryKindAndGeneratedColumnsArrive() {
    source.sql(
        "CREATE TABLE composite (b text COLLATE \"C\", \"A\" uuid, n numeric, m mood,"
            + " PRIMARY KEY (n, b, \"A\", m))",
        "CREATE TABLE made (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int DEFAULT 5,"
            + " label text DEFAULT 'none', twice int GENERATED ALWAYS AS (n * 2) STORED)",
        "INSERT INTO made (n) VALUES (4)");
    source.start();
    source.sql(
        "INSERT INTO composite VALUES"
            + " ('x', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 1.00, 'so so')",
        "INSERT INTO made (n, label) VALUES (NULL, NULL)");
    source.awaitCaptured();

    assertThat(source.topics.events("composite").get(0).key())
        .isEqualTo(
            "{\"n\":1.00,\"b\":\"x\",\"A\":\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\","
                + "\"m\":\"so so\"}");
    assertThat(source.topics.summaries("made"))
        .containsExactly(
            "r {\"id\":1,\"n\":4,\"label\":\"none\",\"twice\":8}",
            "c {\"id\":2,\"n\":null,\"label\":null,\"twice\":null}");
    assertThat(source.topics.events("made"))
        .extracting(e -> e.event().schema().id())
        .containsOnly(source.topics.events("made").get(0).event().schema().id());
  }

  @Test
  void aLastColumnThatIsNotSentDoesNotStopTheSnapshot() {
    source.sql(
        "CREATE TABLE made (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) VIRTUAL)",
        "INSERT INTO made VALUES (1)");
    source.start();
    source.sql("INSERT INTO made VALUES (2)");
    source.awaitCaptured();

    assertThat(source.topics.summaries("made")).containsExactly("r {\"id\":1}", "c {\"id\":2}");
  }
}
