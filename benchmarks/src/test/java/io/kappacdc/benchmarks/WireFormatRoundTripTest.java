package io.kappacdc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.ChangeEvent.Origin;
import io.kappacdc.event.Position;
import io.kappacdc.event.Row;
import io.kappacdc.event.TableSchema;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WireFormatRoundTripTest {
  private static final TableSchema FUND = Workload.FUND_METADATA.schema();
  private static final Origin ORIGIN =
      new Origin(new Position(0x16B374D848L, 3), 771, 1_767_225_600_123_456L);

  @ParameterizedTest
  @EnumSource
  void everyCandidateReturnsEveryEventOfTheWorkloadsEqual(Candidate candidate) {
    for (Workload workload : Workload.values()) {
      WireFormat format = candidate.forTable(workload.schema());

      assertThat(workload.events())
          .allSatisfy(event -> assertThat(format.decode(format.encode(event))).isEqualTo(event));
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyCandidateReturnsTheAwkwardEventsEqual(Candidate candidate) {
    WireFormat format = candidate.forTable(FUND);
    List<ChangeEvent> awkward =
        List.of(
            ChangeEvent.truncate(ORIGIN, FUND),
            ChangeEvent.read(ORIGIN, FUND, Row.of("1", null, "", "Größe \"A\"\n", null, "NaN")),
            ChangeEvent.update(ORIGIN, FUND, null, Row.of("1", "a", "b", Row.ABSENT, "-1", "0.00")),
            ChangeEvent.update(ORIGIN, FUND, key("1"), Row.of("2", "a", null, "", "0", "-1.50")),
            ChangeEvent.delete(ORIGIN, FUND, key("2147483647")));

    assertThat(awkward)
        .allSatisfy(event -> assertThat(format.decode(format.encode(event))).isEqualTo(event));
  }

  @Test
  void bothWaysOfWritingAvroGiveTheSameBytes() {
    for (Workload workload : Workload.values()) {
      WireFormat generic = Candidate.AVRO_GENERIC.forTable(workload.schema());
      WireFormat direct = Candidate.AVRO_DIRECT.forTable(workload.schema());

      assertThat(workload.events())
          .allSatisfy(event -> assertThat(direct.encode(event)).isEqualTo(generic.encode(event)));
    }
  }

  @Test
  void workloadsAreTheSameInEveryRun() {
    List<ChangeEvent> first = Workload.WIDE_ROW.events();
    List<ChangeEvent> second = Workload.WIDE_ROW.events();

    assertThat(second).isEqualTo(first);
    assertThat(Workload.WIDE_ROW.schema().columns()).hasSize(40);
  }

  @Test
  void sizesAreThoseOfKafkaBatches() {
    BatchSize size = BatchSize.of(Workload.FUND_METADATA, Candidate.NAMED_JSON);

    assertThat(size.plain()).isGreaterThan(size.value());
    assertThat(size.lz4()).isLessThan(size.plain());
    assertThat(size.zstd()).isLessThan(size.lz4());
  }

  private static Row key(String id) {
    return Row.of(id, Row.ABSENT, Row.ABSENT, Row.ABSENT, Row.ABSENT, Row.ABSENT);
  }
}
