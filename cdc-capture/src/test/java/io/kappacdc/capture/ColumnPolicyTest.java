package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.capture.TopicReader.Captured;
import io.kappacdc.event.Column;
import io.kappacdc.event.Row;
import io.kappacdc.runtime.KappaException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class ColumnPolicyTest {
  private static final String KEY = "the-key-of-the-tests-0123456789abcdef";

  private CaptureFixture source;

  @BeforeEach
  void openSource(Servers servers) {
    source = new CaptureFixture(servers);
  }

  @AfterEach
  void closeSource() {
    source.close();
  }

  private void configure(String yaml) {
    source.with("capture.hash-key", KEY).withYaml(yaml);
  }

  /** HMAC-SHA-256 as PostgreSQL computes it. */
  private String hmac(String value) {
    byte[] inner = new byte[64];
    byte[] outer = new byte[64];
    byte[] key = KEY.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 64; i++) {
      int b = i < key.length ? key[i] : 0;
      inner[i] = (byte) (b ^ 0x36);
      outer[i] = (byte) (b ^ 0x5c);
    }
    HexFormat hex = HexFormat.of();
    return source.query(
        "SELECT encode(sha256('\\x%s'::bytea || sha256('\\x%s'::bytea || convert_to('%s', 'UTF8'))), 'hex')"
            .formatted(hex.formatHex(outer), hex.formatHex(inner), value));
  }

  private void createPersons() {
    source.sql(
        "CREATE TABLE person (id int PRIMARY KEY, email text NOT NULL, ssn int, phone varchar(20),"
            + " name text, note text)",
        "ALTER TABLE person REPLICA IDENTITY FULL");
    configure(
        """
        capture:
          columns:
            - {match: public.person.email, policy: hash}
            - {match: '.*\\.ssn', policy: mask, text: '#'}
            - {match: public.person.phone, policy: truncate, length: 4}
            - {match: public.person.name, policy: exclude}
        """);
  }

  private static String person(String email, String ssn, String phone, String note) {
    return "{\"id\":1,\"email\":\"%s\",\"ssn\":%s,\"phone\":%s,\"note\":\"%s\"}"
        .formatted(email, ssn, phone, note);
  }

  @Test
  void everyImageOfEveryOperationHasWhatThePoliciesLeave() {
    createPersons();
    source.sql("INSERT INTO person VALUES (1, 'zita@plain', 987654321, '0041plain', 'Zita', 'a')");
    source.start();

    source.sql(
        "UPDATE person SET email = 'zoe@plain', note = 'b'",
        "UPDATE person SET ssn = NULL, phone = NULL",
        "DELETE FROM person",
        "INSERT INTO person VALUES (1, 'zita@plain', 1, '\uD83D\uDE00123456', 'Zita', 'c')",
        "TRUNCATE person");
    source.awaitCaptured();

    String zita = hmac("zita@plain");
    String zoe = hmac("zoe@plain");
    String first = person(zita, "\"#\"", "\"0041\"", "a");
    String second = person(zoe, "\"#\"", "\"0041\"", "b");
    String third = person(zoe, "null", "null", "b");
    assertThat(source.topics.summaries("person"))
        .containsExactly(
            "r " + first,
            "u " + first + " -> " + second,
            "u " + second + " -> " + third,
            "d " + third,
            "c " + person(zita, "\"#\"", "\"\uD83D\uDE00123\"", "c"),
            "t");
    assertThat(source.topics.events("person"))
        .extracting(event -> event.event().schema().columns())
        .containsOnly(
            List.of(
                new Column("id", "integer", "integer", false, "id"),
                new Column("email", "text", "text", false, "email"),
                new Column("ssn", "text", "text", true, "ssn"),
                new Column("phone", "text", "text", true, "phone"),
                new Column("note", "text", "text", true, "note")));
  }

  @Test
  void plainValuesAreInNoByteOfAnyTopic() {
    createPersons();
    source.sql(
        "CREATE TABLE account (iban text PRIMARY KEY, balance numeric)",
        "INSERT INTO account VALUES ('CHplain', 1)",
        "INSERT INTO person VALUES (1, 'zita@plain', 987654321, '0041plain', 'Zplain', 'visible')");
    configure(
        """
        capture:
          columns:
            - {match: '.*\\.(email|iban)', policy: hash}
            - {match: '.*\\.ssn', policy: mask}
            - {match: public.person.phone, policy: truncate, length: 4}
            - {match: public.person.name, policy: exclude}
        """);
    source.start();
    source.sql(
        "UPDATE person SET ssn = 987654322, name = 'Yplain'",
        "UPDATE account SET iban = 'DEplain'",
        "DELETE FROM account",
        "DELETE FROM person");
    source.awaitCaptured();

    String bytes = source.topics.bytesOfAllTopics();
    assertThat(bytes).contains("visible", hmac("CHplain"), hmac("DEplain"), "\"email\"");
    assertThat(bytes).doesNotContain("plain", "98765432", "\"name\":\"name\"", KEY);
  }

  @Test
  void rowsAreKeyedByTheHashOfTheirKey() {
    source.sql(
        "CREATE TABLE account (iban text, no int, balance numeric, PRIMARY KEY (iban, no))",
        "INSERT INTO account VALUES ('old', 7, 1.50)");
    configure("capture: {columns: [{match: '.*\\.(iban|no)', policy: hash}]}");
    source.start();

    source.sql(
        "UPDATE account SET balance = 'NaN'",
        "UPDATE account SET iban = 'new'",
        "DELETE FROM account");
    source.awaitCaptured();

    String before = "{\"iban\":\"%s\",\"no\":\"%s\"}".formatted(hmac("old"), hmac("7"));
    String after = "{\"iban\":\"%s\",\"no\":\"%s\"}".formatted(hmac("new"), hmac("7"));
    assertThat(source.topics.events("account"))
        .extracting(event -> event.event().operation().code() + " " + event.key())
        .containsExactly("r " + before, "u " + before, "d " + before, "c " + after, "d " + after);
    assertThat(source.topics.summaries("account").get(2)).isEqualTo("d " + before);
    assertThat(source.topics.events("account").get(0).event().schema().key())
        .containsExactly("iban", "no");
  }

  @Test
  void whatPostgresDidNotSendStaysUnsent() {
    source.sql(
        "CREATE TABLE doc (id int PRIMARY KEY, h text, m text, t text, n int)",
        "ALTER TABLE doc ALTER h SET STORAGE EXTERNAL, ALTER m SET STORAGE EXTERNAL,"
            + " ALTER t SET STORAGE EXTERNAL");
    configure(
        """
        capture:
          columns:
            - {match: public.doc.h, policy: hash}
            - {match: public.doc.m, policy: mask}
            - {match: public.doc.t, policy: truncate, length: 3}
        """);
    source.start();

    source.sql(
        "INSERT INTO doc VALUES (1, repeat('h', 9000), repeat('m', 9000), repeat('t', 9000), 1)",
        "UPDATE doc SET n = 2");
    source.awaitCaptured();

    List<Captured> events = source.topics.events("doc");
    Row inserted = events.get(0).event().after();
    Row updated = events.get(1).event().after();
    assertThat(List.of(inserted.get(1), inserted.get(2), inserted.get(3)))
        .containsExactly(hmac("h".repeat(9000)), "****", "ttt");
    assertThat(List.of(1, 2, 3)).allMatch(updated::isAbsent);
    assertThat(updated.get(4)).isEqualTo("2");
  }

  @Test
  void policiesActOnTheTextThatPostgresPrints() {
    source.sql(
        "CREATE TABLE kinds (id int PRIMARY KEY, tags text[], raw bytea, f float8, at timestamptz,"
            + " big numeric)");
    configure(
        """
        capture:
          columns:
            - {match: 'public.kinds.(tags|raw|at)', policy: truncate, length: 4}
            - {match: 'public.kinds.(f|big)', policy: hash}
        """);
    source.start();

    source.sql(
        "INSERT INTO kinds VALUES (1, '{a,b}', '\\x0102ff', 'NaN', '2026-05-06 07:08:09+02', 1.0)",
        "INSERT INTO kinds VALUES (2, '{}', '\\x', NULL, 'infinity', 1.00)");
    source.awaitCaptured();

    assertThat(source.topics.summaries("kinds"))
        .containsExactly(
            "c {\"id\":1,\"tags\":\"{a,b\",\"raw\":\"\\\\x01\",\"f\":\"%s\",\"at\":\"2026\",\"big\":\"%s\"}"
                .formatted(hmac("NaN"), hmac("1.0")),
            "c {\"id\":2,\"tags\":\"{}\",\"raw\":\"\\\\x\",\"f\":null,\"at\":\"infi\",\"big\":\"%s\"}"
                .formatted(hmac("1.00")));
  }

  @Test
  void transformsSeeWhatThePoliciesLeave() {
    source.sql("CREATE TABLE person (id int PRIMARY KEY, email text, name text)");
    configure(
        """
        capture:
          columns:
            - {match: public.person.email, policy: hash}
            - {match: public.person.name, policy: exclude}
          transforms:
            - type: org.apache.kafka.connect.transforms.ReplaceField$Value
              renames: email:contact,name:alias
        """);
    source.start();

    source.sql("INSERT INTO person VALUES (1, 'zita@plain', 'Zita')");
    source.awaitCaptured();

    assertThat(source.topics.summaries("person"))
        .containsExactly("c {\"id\":1,\"contact\":\"%s\"}".formatted(hmac("zita@plain")));
    assertThat(source.topics.events("person").get(0).event().schema().columns().get(1))
        .isEqualTo(new Column("contact", "text", "text", true, "email"));
  }

  @Test
  void aPolicyThatTakesAKeyIsRefusedAtTheStart() {
    source.sql("CREATE TABLE person (email text PRIMARY KEY)");
    configure("capture: {columns: [{match: '.*email', policy: mask}]}");

    assertThat(source.startFailing())
        .isInstanceOfSatisfying(
            KappaException.class,
            e -> {
              assertThat(e.problem())
                  .isEqualTo("A column policy takes the key from public.person.");
              assertThat(e.reason())
                  .isEqualTo(
                      "Column 'email' is part of its key, and capture.columns[0] (mask '.*email')"
                          + " would make different rows one.");
              assertThat(e.remedy()).contains("policy hash", "in an entry before that one");
            });
  }

  @Test
  void aPolicyThatTakesTheKeyOfANewTableIsRefusedAtItsFirstChange() {
    configure("capture: {columns: [{match: '.*email', policy: exclude}]}");
    CaptureFixture.RunningCapture capture = source.start();

    source.sql(
        "CREATE TABLE person (email text PRIMARY KEY)", "INSERT INTO person VALUES ('z@plain')");

    assertThat(capture.awaitFailure().getCause())
        .isInstanceOfSatisfying(
            KappaException.class,
            e -> {
              assertThat(e.problem())
                  .isEqualTo("A column policy takes the key from public.person.");
              assertThat(e.toString()).doesNotContain("z@plain");
            });
  }

  @Test
  void withoutAKeyNothingStarts() {
    source.withYaml("capture: {columns: [{match: '.*email', policy: hash}]}");

    assertThat(source.startFailing())
        .isInstanceOfSatisfying(
            KappaException.class,
            e -> assertThat(e.problem()).isEqualTo("Columns cannot be hashed."));
  }
}
