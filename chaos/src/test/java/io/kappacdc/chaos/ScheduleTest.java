package io.kappacdc.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.chaos.Schedule.Planned;
import io.kappacdc.chaos.fault.Fault;
import io.kappacdc.chaos.fault.Faults;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final List<Fault> ALL = Faults.all();

  private static final List<String> GAPS =
      List.of("drop-slot", "invalidate-slot", "restore-source", "failover-source", "delete-topic");

  @Test
  void aSeedAlwaysGivesTheSameFaultsWithTheSameParameters() {
    assertThat(Schedule.of(42, ALL, 100)).isEqualTo(Schedule.of(42, Faults.all(), 100));
    assertThat(Schedule.of(43, ALL, 100)).isNotEqualTo(Schedule.of(42, ALL, 100));
  }

  @Test
  void aShorterRunIsTheBeginningOfALongerOne() {
    assertThat(Schedule.of(7, ALL, 300).subList(0, 31)).isEqualTo(Schedule.of(7, ALL, 31));
  }

  @Test
  void everyFaultOccursInARunOfAnHourAndTheHeavierOnesLessOften() {
    var counts =
        Schedule.of(1, ALL, 2000).stream()
            .collect(
                Collectors.groupingBy(planned -> planned.fault().name(), Collectors.counting()));

    assertThat(counts.keySet()).hasSize(ALL.size());
    assertThat(counts.get("kill-capture")).isGreaterThan(counts.get("kill-supervisor"));
  }

  @Test
  void faultsThatTakeChangesAwayOccurSeveralTimesAmongFiveHundred() {
    for (long seed = 1; seed <= 4; seed++) {
      var counts =
          Schedule.of(seed, ALL, 500).stream()
              .collect(
                  Collectors.groupingBy(planned -> planned.fault().name(), Collectors.counting()));

      assertThat(GAPS).as("seed " + seed).allMatch(name -> counts.getOrDefault(name, 0L) > 2);
    }
  }

  @Test
  void namesAreUniqueAndFitForACommandLine() {
    assertThat(ALL.stream().map(Fault::name))
        .doesNotHaveDuplicates()
        .allMatch(n -> n.matches("[a-z-]+"));
    assertThat(Schedule.of(1, ALL, 3).stream().map(Planned::number)).containsExactly(1, 2, 3);
  }
}
