package io.kappacdc.capture.transform;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.capture.source.SourceTable;
import io.kappacdc.event.Column;
import io.kappacdc.event.ReplicaIdentity;
import io.kappacdc.runtime.columns.ColumnPolicies;
import io.kappacdc.runtime.config.ColumnConfig;
import io.kappacdc.runtime.config.ColumnConfig.Policy;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyCheckTest {
  @Test
  void namesEntriesThatNoColumnBelongsTo() {
    ColumnPolicies policies =
        ColumnPolicies.of(
            List.of(
                new ColumnConfig(".*email", Policy.EXCLUDE, null, null),
                new ColumnConfig("public.person.email", Policy.MASK, null, null),
                new ColumnConfig("public.persons.name", Policy.TRUNCATE, null, 1)),
            null);
    SourceTable person =
        new SourceTable(
            "public",
            "person",
            List.of(Column.of("id", "integer"), Column.of("email", "text")),
            List.of("id"),
            ReplicaIdentity.DEFAULT);

    assertThat(PolicyCheck.run(policies, List.of(person)))
        .containsExactly(
            "capture.columns[1] (mask 'public.person.email') applies to no column: the source has"
                + " none that it matches and no earlier one does",
            "capture.columns[2] (truncate 'public.persons.name') applies to no column: the source"
                + " has none that it matches and no earlier one does");
  }
}
