package io.kappacdc.event.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Column;
import io.kappacdc.event.Cut;
import io.kappacdc.event.Position;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventRoundTripTest {
  private static final TableSchema FUND =
      new TableSchema(
          "public",
          "fund_metadata",
          List.of(
              Column.of("fund_id", "integer"),
              Column.of("fund_price", "numeric(10,2)"),
              Column.of("active", "boolean"),
              new Column("name \"x\"", "mood", "text", true, "fund_name")),
          List.of("fund_id"),
          ReplicaIdentity.DEFAULT);

  private final EventWriter writer = new EventWriter();
  private final EventReader reader = new EventReader(Map.of(FUND.id(), FUND)::get);
  private final Origin origin = new Origin(new Position(Lsns.X, 3), 771, 1_730_000_000_123_456L);

  private static final class Lsns {
    static final long X = 0x1_0A2B_3C8DL;
  }

  @Test
  void writesWhatAPersonWithAConsoleConsumerCanRead() {
    ChangeEvent event =
        ChangeEvent.update(
            origin,
            FUND,
            Row.of("1", Row.ABSENT, Row.ABSENT, Row.ABSENT),
            Row.of("2", "105.50", "t", "Größe \"A\""));

    assertThat(new String(writer.write(event), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"lsn\":\"1/A2B3C8D\",\"ord\":3,\"op\":\"u\",\"txId\":771,\"ts_us\":1730000000123456,"
                + "\"schema\":\""
                + FUND.id()
                + "\",\"before\":{\"fund_id\":1},\"after\":{\"fund_id\":2,\"fund_price\":105.50,"
                + "\"active\":true,\"name \\\"x\\\"\":\"Größe \\\"A\\\"\"}}");
    assertThat(new String(writer.key(event), StandardCharsets.UTF_8)).isEqualTo("{\"fund_id\":2}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "-1", "105.50", "1e+20", "-0", "NaN", "Infinity", "-Infinity", "0.00"})
  void keepsEveryCharacterOfANumber(String number) {
    ChangeEvent event = ChangeEvent.create(origin, FUND, Row.of("1", number, null, null));

    assertThat(reader.read(writer.write(event))).isEqualTo(event);
  }

  @Test
  void keepsANumericOf140000Digits() {
    String number = "9".repeat(131_072) + "." + "1".repeat(16_383);
    ChangeEvent event = ChangeEvent.create(origin, FUND, Row.of("1", number, null, null));

    assertThat(reader.read(writer.write(event))).isEqualTo(event);
  }

  @Test
  void tellsAbsentFromNullAndFromTheSameText() {
    Row after = Row.of("1", null, Row.ABSENT, new String(Row.ABSENT.toCharArray()));
    ChangeEvent event = ChangeEvent.update(origin, FUND, null, after);

    Row read = reader.read(writer.write(event)).after();

    assertThat(read).isEqualTo(after);
    assertThat(read.isAbsent(2)).isTrue();
    assertThat(read.isAbsent(1)).isFalse();
    assertThat(read.isAbsent(3)).isFalse();
  }

  @Test
  void readsDeletesAndTruncates() {
    ChangeEvent delete = ChangeEvent.delete(origin, FUND, Row.of("1", null, "f", "\u0001\u2028"));
    ChangeEvent truncate = ChangeEvent.truncate(origin, FUND);

    assertThat(reader.read(writer.write(delete))).isEqualTo(delete);
    assertThat(reader.read(writer.write(truncate))).isEqualTo(truncate);
    assertThat(writer.key(truncate)).isNull();
  }

  @Test
  void theCreateOfAKeyChangeKeepsTheOldKey() {
    Row oldKey = Row.of("1", Row.ABSENT, Row.ABSENT, Row.ABSENT);
    ChangeEvent rekey = ChangeEvent.rekey(origin, FUND, oldKey, Row.of("2", null, "t", Row.ABSENT));

    assertThat(reader.read(writer.write(rekey))).isEqualTo(rekey);
    assertThat(new String(writer.key(rekey), StandardCharsets.UTF_8)).isEqualTo("{\"fund_id\":2}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "null",
        "[1]",
        "\u0000\u0001",
        "{\"lsn\":\"0/1\",\"ord\":1,\"op\":\"c\",\"txId\":1,\"ts_us\":1,\"schema\":\"SCHEMA\"}",
        "{\"lsn\":\"0/1\",\"ord\":1,\"op\":\"x\",\"txId\":1,\"ts_us\":1,\"schema\":\"SCHEMA\"}",
        "{\"lsn\":\"0/1\",\"ord\":1,\"op\":\"c\",\"txId\":1,\"ts_us\":1,\"schema\":\"SCHEMA\",\"after\":{\"nope\":1}}",
        "{\"lsn\":\"0/1\",\"ord\":1,\"op\":\"c\",\"txId\":1,\"ts_us\":1,\"schema\":\"SCHEMA\",\"after\":{\"fund_id\":1"
      })
  void refusesBytesThatAreNotAnEvent(String value) {
    byte[] bytes = value.replace("SCHEMA", FUND.id()).getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(() -> reader.read(bytes)).isInstanceOf(WireFormatException.class);
  }

  @Test
  void schemasAndCutsSurviveARoundTrip() {
    TreeMap<String, long[]> ends = new TreeMap<>(Map.of("pgsrc.public.a", new long[] {7, 0}));
    TreeSet<String> unread = new TreeSet<>(Set.of("pgsrc.public.b", "pgsrc.public.c"));
    Cut cut = new Cut(Cut.State.PARTIAL, Lsns.X, 12, 3, ends, unread);

    Cut read = CutJson.read(CutJson.write(cut));

    assertThat(SchemaJson.read(SchemaJson.write(FUND))).isEqualTo(FUND);
    assertThat(SchemaJson.read(SchemaJson.write(FUND)).id()).isEqualTo(FUND.id());
    assertThat(read.state()).isEqualTo(Cut.State.PARTIAL);
    assertThat(read.lsn()).isEqualTo(cut.lsn());
    assertThat(read.commitMicros()).isEqualTo(12);
    assertThat(read.generation()).isEqualTo(3);
    assertThat(read.endOffsets().get("pgsrc.public.a")).containsExactly(7, 0);
    assertThat(read.unread()).containsExactly("pgsrc.public.b", "pgsrc.public.c");
  }

  @Test
  void tablesNeverShareATopic() {
    TopicNames names = new TopicNames("pgsrc");

    assertThat(names.table("public", "fund_metadata")).isEqualTo("pgsrc.public.fund_metadata");
    assertThat(names.table("a.b", "c")).isNotEqualTo(names.table("a", "b.c"));
    assertThat(names.table("s", "Größe 1")).isEqualTo("pgsrc.s.Gr-c3-b6-c3-9fe-201");
    assertThat(names.table("ü".repeat(63), "ü".repeat(63))).hasSize(249);
    assertThat("pgsrc.public.fund_metadata").matches(names.tablePattern());
    assertThat(names.cuts()).doesNotMatch(names.tablePattern());
  }
}
