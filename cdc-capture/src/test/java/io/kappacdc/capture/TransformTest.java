package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.capture.TestServers.Servers;
import io.kappacdc.event.Column;
import io.kappacdc.runtime.KappaException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class TransformTest {
  private CaptureFixture source;

  @BeforeEach
  void openSource(Servers servers) {
    source = new CaptureFixture(servers);
    source.sql(
        "CREATE TABLE fund_metadata (fund_id int PRIMARY KEY, fund_name text NOT NULL,"
            + " fund_price numeric(10,2))");
  }

  @AfterEach
  void closeSource() {
    source.close();
  }

  @Test
  void addSourceAndRenameFieldActOnTheRow() {
    source.sql("INSERT INTO fund_metadata VALUES (1, 'old', 1.50)");
    source.withYaml(
        """
        capture:
          transforms:
            - type: org.apache.kafka.connect.transforms.InsertField$Value
              static.field: source
              static.value: postgres
            - type: org.apache.kafka.connect.transforms.ReplaceField$Value
              renames: fund_name:name,fund_id:id
        """);
    source.start();
    source.awaitCaptured();
    source.sql(
        "UPDATE fund_metadata SET fund_name = 'new'",
        "UPDATE fund_metadata SET fund_id = 2",
        "DELETE FROM fund_metadata",
        "TRUNCATE fund_metadata");
    source.awaitCaptured();

    assertThat(source.topics.summaries("fund_metadata"))
        .containsExactly(
            "r {\"id\":1,\"name\":\"old\",\"fund_price\":1.50,\"source\":\"postgres\"}",
            "u {\"id\":1,\"name\":\"new\",\"fund_price\":1.50,\"source\":\"postgres\"}",
            "d {\"id\":1,\"source\":\"postgres\"}",
            "c {\"id\":1} -> {\"id\":2,\"name\":\"new\",\"fund_price\":1.50,\"source\":\"postgres\"}",
            "d {\"id\":2,\"source\":\"postgres\"}",
            "t");
    assertThat(source.topics.events("fund_metadata"))
        .extracting(event -> event.event().schema().columns())
        .containsOnly(
            java.util.List.of(
                new Column("id", "integer", "integer", false, "fund_id"),
                new Column("name", "text", "text", false, "fund_name"),
                new Column("fund_price", "numeric(10,2)", "numeric(10,2)", true, "fund_price"),
                new Column("source", "text", "text", true, null)));
    assertThat(source.topics.events("fund_metadata").get(0).key()).isEqualTo("{\"id\":1}");
  }

  @Test
  void excludedAndCastColumnsHaveTheirNewSchema() {
    source.withYaml(
        """
        capture:
          transforms:
            - type: org.apache.kafka.connect.transforms.ReplaceField$Value
              exclude: fund_name
            - type: org.apache.kafka.connect.transforms.Cast$Value
              spec: fund_price:float64
        """);
    source.start();
    source.sql("INSERT INTO fund_metadata VALUES (1, 'secret', 2.50), (2, 'secret', NULL)");
    source.awaitCaptured();

    assertThat(source.topics.summaries("fund_metadata"))
        .containsExactly(
            "c {\"fund_id\":1,\"fund_price\":2.5}", "c {\"fund_id\":2,\"fund_price\":null}");
    assertThat(source.topics.rawValues("fund_metadata"))
        .noneMatch(value -> value.contains("secret"));
    assertThat(
            source.topics.events("fund_metadata").get(0).event().schema().columns().get(1).type())
        .isEqualTo("double precision");
  }

  @Test
  void aTransformThatDoesNotExistIsNamed() {
    source.withYaml(
        """
        capture:
          transforms:
            - type: org.apache.kafka.connect.transforms.Nonsense$Value
        """);

    assertThat(source.startFailing())
        .isInstanceOfSatisfying(
            KappaException.class,
            e -> {
              assertThat(e.problem()).contains("Nonsense$Value' cannot be created");
              assertThat(e.remedy()).contains("capture.transforms");
            });
  }

  @Test
  void aTransformThatTakesTheKeyIsRefused() {
    source.withYaml(
        """
        capture:
          transforms:
            - type: org.apache.kafka.connect.transforms.ReplaceField$Value
              exclude: fund_id
        """);
    CaptureFixture.RunningCapture capture = source.start();
    source.sql("INSERT INTO fund_metadata VALUES (1, 'a', 2.50)");

    assertThat(capture.awaitFailure().getCause())
        .isInstanceOfSatisfying(
            KappaException.class,
            e -> assertThat(e.problem()).contains("key column from public.fund_metadata"));
  }
}
