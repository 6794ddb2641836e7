package io.kappacdc.processor.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SqlTemplateTest {
  private static final String HOSTILE = "\"x\n; DROP SCHEMA kappa CASCADE; --\"";

  /** A name with a line feed ends a comment, and what follows it would be run. */
  @Test
  void placeholdersInCommentsStay() {
    String sql =
        SqlTemplate.read("trail.sql")
            .with(Map.of("schema", HOSTILE, "table", HOSTILE, "columns", ""));

    assertThat(sql).contains("-- Placeholders: ${schema} and ${table}");
    assertThat(sql.split("DROP SCHEMA", -1)).hasSize(4); // the schema twice, the table once
    assertThat(sql).contains("CREATE TABLE IF NOT EXISTS " + HOSTILE + "." + HOSTILE);
  }
}
