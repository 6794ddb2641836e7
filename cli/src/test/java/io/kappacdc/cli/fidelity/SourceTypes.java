package io.kappacdc.cli.fidelity;

import static io.kappacdc.cli.fidelity.SourceType.Values.mostly;
import static io.kappacdc.cli.fidelity.SourceType.Values.oneOf;
import static io.kappacdc.cli.fidelity.SourceType.composite;
import static io.kappacdc.cli.fidelity.SourceType.key;
import static io.kappacdc.cli.fidelity.SourceType.plain;

import java.math.BigInteger;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/** Every type that a PostgreSQL with these extensions has, and how to make values of it. */
final class SourceTypes {
  /** What a source must have before tables of these types can be created. */
  static final List<String> EXTENSIONS =
      List.of("hstore", "citext", "ltree", "cube", "seg", "isn", "intarray", "lo");

  static final List<String> DEFINITIONS =
      List.of(
          "CREATE TYPE mood AS ENUM"
              + " ('so so', 'happy', '', 'it''s', 'Ünï', 'a,b', '(x)', '{y}', 'b\\s', 'NULL', '\"')",
          "CREATE SCHEMA \"other schema\"",
          "CREATE TYPE \"other schema\".\"Mood\" AS ENUM ('grim', 'dim')",
          "CREATE TYPE pair AS (a int, b text)",
          "CREATE TYPE deep AS (p pair, ps pair[], d date, n numeric(10,2))",
          "CREATE DOMAIN positive AS numeric(6,1) CHECK (VALUE > 0)",
          "CREATE DOMAIN small AS positive CHECK (VALUE < 100)",
          "CREATE DOMAIN padded AS character(6)",
          "CREATE DOMAIN words AS text[]",
          "CREATE DOMAIN moment AS timestamp(3) with time zone",
          "CREATE DOMAIN span AS int4range",
          "CREATE DOMAIN couple AS pair",
          "CREATE TYPE textrange AS RANGE (subtype = text)",
          "CREATE TYPE floatrange AS RANGE (subtype = float8, subtype_diff = float8mi)",
          "CREATE COLLATION deaf (provider = icu, locale = 'und-u-ks-level2', deterministic ="
              + " false)");

  private final Map<String, SourceType> types = new LinkedHashMap<>();

  private SourceTypes() {}

  /**
   * The types in a fixed order.
   *
   * @param version the server's major version
   * @param without extensions that the server lacks
   */
  static List<SourceType> of(int version, Set<String> without) {
    SourceTypes all = new SourceTypes();
    all.numbers();
    all.characters();
    all.times(version);
    all.documents();
    all.networks();
    all.geometry();
    all.systemTypes();
    all.ranges();
    all.userTypes();
    all.extensions(without);
    List<SourceType> result = new ArrayList<>(all.types.values());
    for (SourceType type : all.types.values()) {
      if (!type.sql().contains("COLLATE")) {
        result.add(type.array());
      }
    }
    return List.copyOf(result);
  }

  private void add(SourceType... more) {
    for (SourceType type : more) {
      types.put(type.sql(), type);
    }
  }

  private SourceType get(String sql) {
    SourceType type = types.get(sql);
    if (type == null) {
      throw new IllegalStateException("No such type: " + sql);
    }
    return type;
  }

  private void numbers() {
    add(
        key("smallint", mostly(r -> "" + (short) r.nextInt(), "-32768", "32767", "0")),
        key("integer", mostly(r -> "" + r.nextInt(), "-2147483648", "2147483647", "0")),
        key(
            "bigint",
            mostly(r -> "" + r.nextLong(), "-9223372036854775808", "9223372036854775807")),
        key("numeric", mostly(SourceTypes::numeric, NUMERICS)),
        key(
            "numeric(10,2)",
            mostly(r -> r.nextInt() + "." + r.nextInt(100), "NaN", "0.005", "-0.00")),
        key("numeric(38,10)", mostly(r -> digits(r, 28) + "." + digits(r, 10), "NaN", "1e-10")),
        key("numeric(38,0)", mostly(r -> "-" + digits(r, 38), "NaN", "0")),
        key("numeric(39,1)", mostly(r -> digits(r, 38) + ".5", "NaN", "0.0")),
        key("numeric(1000,500)", mostly(r -> digits(r, 500) + "." + digits(r, 499), "NaN", "1")),
        key("numeric(3,5)", mostly(r -> "0.00" + r.nextInt(999), "NaN", "0.00999", "-0.00001")),
        key("numeric(2,-3)", mostly(r -> r.nextInt(99000) + "", "NaN", "99000", "-1400", "0")),
        key("real", mostly(r -> "" + Float.intBitsToFloat(r.nextInt()), REALS)),
        key("double precision", mostly(r -> "" + Double.longBitsToDouble(r.nextLong()), DOUBLES)),
        key(
            "money",
            mostly(r -> r.nextInt() + ".5", "-92233720368547758.08", "92233720368547758.07", "0")),
        key("boolean", oneOf("t", "f")));
  }

  private static final String[] NUMERICS = {
    "NaN",
    "Infinity",
    "-Infinity",
    "0",
    "0.0",
    "0.000",
    "1.50",
    "1.5",
    "-1",
    "100",
    "1e20",
    "1e-20",
    "12345678901234567890.123456789012345678",
    "1234567890123456789012.1",
    "0.1234567890123456789",
    "99999999999999999999.999999999999999999",
    "100000000000000000000",
    "1e1000",
    "1e-1000"
  };

  private static final String[] REALS = {
    "0",
    "-0",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e-45",
    "1.17549435e-38",
    "3.4028235e38",
    "0.1",
    "16777217",
    "8388608.5",
    "1e6",
    "1e-5",
    "123456.7",
    "9.999999e-5",
    "8.5899346e9"
  };

  private static final String[] DOUBLES = {
    "0", "-0", "NaN", "Infinity", "-Infinity", "4.9e-324", "2.2250738585072014e-308",
    "1.7976931348623157e308", "0.1", "9007199254740993", "1e15", "1e16", "1e-4", "1e-5",
    "123456789012345680", "2e-3", "1e23", "5e-324", "8.41e21", "2.0919495182368195e19"
  };

  private static String numeric(Random random) {
    String sign = random.nextBoolean() ? "-" : "";
    String before = digits(random, 1 + random.nextInt(random.nextInt(9) == 0 ? 60 : 19));
    int scale = random.nextInt(random.nextInt(9) == 0 ? 60 : 19);
    return sign + before + (scale == 0 ? "" : "." + digits(random, scale));
  }

  private static String digits(Random random, int count) {
    StringBuilder digits = new StringBuilder();
    for (int i = 0; i < count; i++) {
      digits.append(random.nextInt(3) == 0 ? 0 : random.nextInt(10));
    }
    return digits.toString();
  }

  private void characters() {
    add(
        key("text", mostly(r -> Texts.text(r, 300), "", " ", "\\N", "\\.", "NULL", "a")),
        key("text COLLATE deaf", mostly(r -> Texts.text(r, 9), "a", "A", "å", "Å")),
        key("character varying(20)", mostly(r -> Texts.text(r, 20), "", "trailing  ")),
        key("character varying", r -> Texts.text(r, 300)),
        key("character(10)", mostly(r -> Texts.text(r, 10), "ab", "          ", "")),
        key("character(1)", mostly(r -> Texts.text(r, 1), "", " ")),
        key("\"char\"", oneOf("x", "", "\\303", "\\000", "\\", "'", "\t")),
        key("name", mostly(r -> Texts.text(r, 15), "", "a name")),
        key("bytea", mostly(r -> "\\x" + Texts.hex(r, r.nextInt(40)), "\\x", "\\x00", "\\x5c4e")),
        key("uuid", mostly(r -> new UUID(r.nextLong(), r.nextLong()).toString(), UUIDS)),
        key("bit(5)", oneOf("00000", "10110", "11111")),
        key("bit(1)", oneOf("0", "1")),
        key("bit varying(9)", oneOf("", "1", "000000000")),
        key("bit varying", mostly(r -> new BigInteger(200, r).toString(2), "", "0")));
  }

  private static final String[] UUIDS = {
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"
  };

  private void times(int version) {
    add(
        key(
            "date",
            mostly(r -> LocalDate.ofEpochDay(r.nextInt(200_000) - 100_000).toString(), DATES)),
        key("time without time zone", mostly(SourceTypes::time, TIMES)),
        key("time(2) without time zone", mostly(SourceTypes::time, TIMES)),
        key(
            "time with time zone",
            mostly(r -> time(r) + offset(r), "24:00:00-15:59", "0:0:0+15:59:59")),
        key("timestamp without time zone", mostly(SourceTypes::timestamp, TIMESTAMPS)),
        key("timestamp(0) without time zone", mostly(SourceTypes::timestamp, TIMESTAMPS)),
        key("timestamp with time zone", mostly(r -> timestamp(r) + zone(r), TIMESTAMPS)),
        key("timestamp(3) with time zone", mostly(r -> timestamp(r) + zone(r), TIMESTAMPS)),
        key("interval", mostly(SourceTypes::interval, version >= 17 ? INTERVALS_17 : INTERVALS)),
        key("interval year to month", mostly(SourceTypes::interval, INTERVALS)),
        key("interval day to second(3)", mostly(SourceTypes::interval, INTERVALS)),
        key("interval(0)", mostly(SourceTypes::interval, INTERVALS)));
  }

  private static final String[] DATES = {
    "infinity", "-infinity", "4714-11-24 BC", "0044-03-15 BC", "0001-12-31 BC", "0001-01-01",
    "1582-10-10", "1582-10-04", "9999-12-31", "10000-01-01", "5874897-12-31", "1970-01-01",
    "1969-12-31", "2000-02-29", "1900-03-01"
  };

  private static final String[] TIMES = {
    "00:00:00", "24:00:00", "23:59:59.999999", "00:00:00.000001", "12:34:56.1", "23:59:60"
  };

  private static final String[] TIMESTAMPS = {
    "infinity",
    "-infinity",
    "4714-11-24 00:00:00 BC",
    "0001-01-01 00:00:00 BC",
    "0001-01-01 00:00:00",
    "1582-10-10 12:00:00",
    "9999-12-31 23:59:59.999999",
    "9999-12-31 23:59:59.9999995",
    "10000-01-01 00:00:00",
    "294276-12-31 23:59:59.999999",
    "1970-01-01 00:00:00",
    "1969-12-31 23:59:59.999999",
    "2024-03-31 02:30:00 Europe/Berlin",
    "2024-10-27 02:30:00 Europe/Berlin",
    "1883-11-18 12:03:57 America/New_York",
    "2024-02-29 24:00:00",
    "2016-12-31 23:59:60",
    "0001-01-01 00:00:00+15:59"
  };

  private static final String[] INTERVALS = {
    "0",
    "1 year 2 mons -3 days 04:05:06.789",
    "-1 days +02:03",
    "178956970 years 7 mons",
    "-178956970 years -8 mons",
    "2147483647 days",
    "-2147483648 days",
    "2562047788:00:54.775807",
    "-2562047788:00:54.775807",
    "0.000001 s",
    "-0.5 s",
    "P1Y2M3DT4H5M6.7S",
    "@ 1 minute ago",
    "24:00:00"
  };

  private static final String[] INTERVALS_17 = {
    "infinity",
    "-infinity",
    "0",
    "1 year 2 mons -3 days 04:05:06.789",
    "-1 days +02:03",
    "0.000001 s"
  };

  private static String time(Random random) {
    return "%02d:%02d:%02d.%06d"
        .formatted(
            random.nextInt(24), random.nextInt(60), random.nextInt(60), random.nextInt(1_000_000));
  }

  private static String offset(Random random) {
    return "%s%02d:%02d"
        .formatted(random.nextBoolean() ? "+" : "-", random.nextInt(15), random.nextInt(60));
  }

  private static String timestamp(Random random) {
    int days = random.nextInt(random.nextBoolean() ? 50_000 : 3_000_000);
    return LocalDate.of(1, 1, 1).plusDays(days) + " " + time(random);
  }

  private static String zone(Random random) {
    return random.nextBoolean() ? offset(random) : " America/Sao_Paulo";
  }

  private static String interval(Random random) {
    return "%d mons %d days %d microseconds"
        .formatted(
            random.nextInt(200_000) - 100_000, random.nextInt(2_000) - 1_000, random.nextInt());
  }

  private void documents() {
    add(
        plain(
            "json", mostly(r -> Texts.json(r, 0), "\"\\u0000\"", "{\"a\":1, \"a\" : 2}", " null ")),
        key("jsonb", mostly(r -> Texts.json(r, 0), "null", "{}", "\"\"", "1.0", "1.00")),
        plain("jsonpath", oneOf("$.a[*] ? (@ > 1)", "$", "strict $.\"ü\\n\"", "lax $[last - 1]")),
        plain(
            "xml",
            oneOf(
                "<a b=\"c\">ü&amp;</a>",
                "",
                "text only",
                "<a/><b/>",
                "<?xml version=\"1.0\"?><a>\n</a>")),
        key("tsvector", oneOf("", "'fat':2 'cat':3A,16383B", "'it''s' 'a\\\\b' ' '", "ü:1D")),
        key(
            "tsquery",
            oneOf("", "'fat' & !'rat':*AB", "'a' <-> ('b' | 'c')", "'a' <16384> 'it''s'")));
  }

  private void networks() {
    add(
        key(
            "inet",
            mostly(
                r -> r.nextInt(256) + ".1.2.3/" + r.nextInt(33),
                "::1/64",
                "::",
                "0.0.0.0/0",
                "255.255.255.255",
                "::ffff:1.2.3.4")),
        key(
            "cidr",
            mostly(r -> r.nextInt(256) + ".0.0.0/8", "::/0", "2001:db8::/32", "10.1.2.3/32")),
        key("macaddr", mostly(r -> Texts.hex(r, 6), "00:00:00:00:00:00")),
        key("macaddr8", mostly(r -> Texts.hex(r, 8), "08:00:2b:01:02:03")));
  }

  private void geometry() {
    SourceType number =
        plain(
            "number",
            mostly(r -> "" + r.nextGaussian(), "0", "-0", "1e300", "Infinity", "NaN", "1e-300"));
    SourceType.Values point =
        r -> "(" + number.values().next(r) + "," + number.values().next(r) + ")";
    add(
        plain("point", point),
        plain("line", oneOf("{1,2,3}", "{0,1,-0.5}", "{1e300,-1,0}")),
        plain("lseg", r -> "[" + point.next(r) + "," + point.next(r) + "]"),
        plain("box", r -> "(" + point.next(r) + "," + point.next(r) + ")"),
        plain(
            "path",
            r -> (r.nextBoolean() ? "[(0,0)," + point.next(r) + "]" : "(" + point.next(r) + ")")),
        plain("polygon", r -> "(" + point.next(r) + ",(1,1)," + point.next(r) + ")"),
        plain("circle", r -> "<" + point.next(r) + "," + Math.abs(r.nextGaussian()) + ">"));
  }

  private void systemTypes() {
    add(
        key(
            "pg_lsn",
            mostly(r -> Integer.toHexString(r.nextInt()) + "/0", "0/0", "FFFFFFFF/FFFFFFFF")),
        key("oid", mostly(r -> "" + Integer.toUnsignedLong(r.nextInt()), "0", "4294967295")),
        plain("xid", oneOf("0", "42", "4294967295")),
        plain("cid", oneOf("0", "4294967295")),
        key("xid8", mostly(r -> Long.toUnsignedString(r.nextLong()), "18446744073709551615")),
        key("tid", oneOf("(0,1)", "(4294967295,65535)")),
        plain("regclass", oneOf("pg_class", "0", "123456789")),
        plain("regtype", oneOf("integer", "timestamp with time zone", "text[]", "-")),
        plain("regproc", oneOf("now", "-")),
        plain("regprocedure", oneOf("abs(integer)", "-")),
        plain("regoper", oneOf("||/", "0")),
        plain("regoperator", oneOf("+(integer,integer)", "0")),
        plain("regnamespace", oneOf("pg_catalog", "\"other schema\"", "-")),
        plain("regrole", oneOf("pg_monitor", "-")),
        plain("regconfig", oneOf("simple", "english")),
        plain("regdictionary", oneOf("simple")),
        plain("regcollation", oneOf("\"C\"", "-")),
        plain("pg_snapshot", oneOf("10:20:10,14,15", "1:1:")),
        plain("txid_snapshot", oneOf("10:20:10,14,15", "1:1:")),
        plain("int2vector", oneOf("1 2 3", "", "-32768")),
        key("oidvector", oneOf("1 2 3", "", "4294967295")),
        plain("refcursor", r -> Texts.text(r, 20)),
        plain("aclitem", oneOf("=r/pg_monitor", "pg_monitor=a*r/pg_monitor")));
  }

  private void ranges() {
    range("integer", "int4");
    range("bigint", "int8");
    range("numeric", "num");
    range("date", "date");
    range("timestamp without time zone", "ts");
    range("timestamp with time zone", "tstz");
    range("text", "text");
    range("double precision", "float");
  }

  private void range(String type, String prefix) {
    SourceType range = get(type).range(prefix + "range");
    add(range, range.multirange(prefix + "multirange"));
  }

  private void userTypes() {
    SourceType mood =
        key(
            "mood",
            oneOf("so so", "happy", "", "it's", "Ünï", "a,b", "(x)", "{y}", "b\\s", "NULL", "\""));
    SourceType pair = composite("pair", get("integer"), get("text"));
    add(
        mood,
        key("\"other schema\".\"Mood\"", oneOf("grim", "dim")),
        pair,
        composite("deep", pair, pair.array(), get("date"), get("numeric(10,2)")),
        key("positive", oneOf("0.1", "5", "99999.9")),
        key("small", oneOf("0.1", "5", "99.9")),
        get("character(1)").named("padded"),
        get("text").array().named("words"),
        get("timestamp(3) with time zone").named("moment"),
        get("int4range").named("span"),
        pair.named("couple"));
  }

  private void extensions(Set<String> without) {
    Map<String, List<SourceType>> byExtension =
        Map.of(
            "hstore",
            List.of(
                key(
                    "hstore",
                    mostly(
                        r -> hstore(r), "", "a=>1, b=>NULL", "\"\"=>\"\"", "\"NULL\"=>\"NULL\""))),
            "citext",
            List.of(key("citext", mostly(r -> Texts.text(r, 20), "a", "A", ""))),
            "ltree",
            List.of(
                key("ltree", oneOf("", "Top.Science", "a_1.b.c")),
                plain("lquery", oneOf("*.a{1,2}", "Top.!x@*%|y.*")),
                plain("ltxtquery", oneOf("a & !b@*", "x | (y & z)"))),
            "cube",
            List.of(key("cube", oneOf("(1,2,3)", "(0.1,-0),(1e300,5)", "(1)", "()"))),
            "seg",
            List.of(key("seg", oneOf("1.50 .. 2", "~5.0", "<1", "5(+-)0.3", "1 ..", ".. 7.00"))),
            "isn",
            List.of(
                key("isbn13", oneOf("978-0-11-000533-1", "979-1-23-456789-6!")),
                key("ean13", oneOf("0220356483481!", "9780110005334!"))),
            "intarray",
            List.of(plain("query_int", oneOf("1&(2|3)", "!4"))),
            "lo",
            List.of(plain("lo", oneOf("0", "4294967295"))));
    for (String extension : EXTENSIONS) {
      if (!without.contains(extension)) {
        byExtension.get(extension).forEach(this::add);
      }
    }
  }

  private static String hstore(Random random) {
    StringBuilder pairs = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      pairs
          .append(pairs.isEmpty() ? "" : ", ")
          .append(hstoreText(random))
          .append("=>")
          .append(random.nextInt(4) == 0 ? "NULL" : hstoreText(random));
    }
    return pairs.toString();
  }

  private static String hstoreText(Random random) {
    return '"' + Texts.text(random, 12).replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
