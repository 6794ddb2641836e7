package io.kappacdc.processor.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kappacdc.runtime.KappaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatementsTest {
  @Test
  void splitsAtSemicolonsOutsideOfQuotesAndComments() {
    assertThat(
            Statements.split(
                "-- first; comment\nSELECT ';', \"a;b\", `c;d`, 'it\\'s;' /* ; */ FROM t;\n\n;"
                    + "SELECT 2 -- ; no\n"))
        .containsExactly("SELECT ';', \"a;b\", `c;d`, 'it\\'s;'   FROM t", "SELECT 2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM mirror.t",
        "  (INSERT INTO mirror.t SELECT 1)",
        "WITH x AS (SELECT 1) INSERT INTO mirror.t SELECT * FROM x",
        "FROM mirror.t INSERT INTO trail.t SELECT *",
        "VACUUM mirror.t",
        "SET a = b",
        "OPTIMIZE mirror.t"
      })
  void refusesWhatWouldChangeTheLake(String statement) {
    assertThatThrownBy(() -> LakeQuery.requireReading(statement))
        .isInstanceOf(KappaException.class)
        .hasMessageContaining("it reads the lake and changes nothing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 1",
        "(SELECT 1) UNION (SELECT 2)",
        "WITH x AS (SELECT 'DELETE' AS op, `UPDATE` FROM trail.t) SELECT * FROM x",
        "DESCRIBE HISTORY mirror.t",
        "SHOW TABLES IN mirror",
        "EXPLAIN SELECT 1"
      })
  void runsWhatReads(String statement) {
    assertThatCode(() -> LakeQuery.requireReading(statement)).doesNotThrowAnyException();
  }
}
