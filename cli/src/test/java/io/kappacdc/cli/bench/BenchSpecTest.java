package io.kappacdc.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kappacdc.load.Profile;
import io.kappacdc.load.spec.WorkloadSpecs;
import io.kappacdc.runtime.config.ConfigException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class BenchSpecTest {
  static final List<String> SHIPPED = BenchSpec.SHIPPED;

  @ParameterizedTest
  @FieldSource("SHIPPED")
  void everyShippedBenchmarkAndItsWorkloadCanBeRead(String name) {
    BenchSpec spec = BenchSpec.load(name);

    assertThat(spec.name()).isEqualTo(name);
    assertThat(WorkloadSpecs.load(spec.workload()).tables()).isNotEmpty();
  }

  @Test
  void takesEveryKey() {
    BenchSpec spec =
        BenchSpec.read(
            "mine",
            """
            description: d
            workload: orders
            rate: 12.5
            duration: 90s
            warm-up: 10s
            profile: tenfold
            connections: 3
            rows: 1_000
            seed: 9
            targets:
              delta-trail: {p50: 1s, p99: 3s}
            cpu-seconds-per-million: 60
            cores: 0.05
            memory: 2GiB
            """);

    assertThat(spec)
        .isEqualTo(
            new BenchSpec(
                "mine",
                "orders",
                12.5,
                Duration.ofSeconds(90),
                Duration.ofSeconds(10),
                Profile.TENFOLD,
                3,
                1_000,
                9,
                List.of(
                    new Target(
                        "delta-trail",
                        Optional.of(Duration.ofSeconds(1)),
                        Optional.of(Duration.ofSeconds(3)))),
                new Cost(Optional.of(60.0), Optional.of(0.05), Optional.of(2_048L))));
  }

  @Test
  void namesEveryProblemAtOnce() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () ->
                BenchSpec.read(
                    "mine",
                    "{workload: funds, duratoin: 1m, rate: fast, profile: wavy,"
                        + " targets: {delta: {p95: 1s}}}"))
        .satisfies(
            e ->
                assertThat(e.problems())
                    .containsExactlyInAnyOrder(
                        "description: is missing",
                        "duration: is missing",
                        "rate: 'fast' does not fit: expected a number",
                        "profile: 'wavy' does not fit: expected one of [steady, ramp, spike, soak,"
                            + " tenfold]",
                        "targets.delta: there is no such sink; there are postgres-trail,"
                            + " delta-trail, delta-mirror",
                        "targets.delta.p95: unknown key; did you mean p99?",
                        "duratoin: unknown key; did you mean duration?"));
  }

  @Test
  void aBenchmarkWithAnotherRateOrOtherRowsHasAnotherName() {
    BenchSpec spec = BenchSpec.load("funds-10k");

    assertThat(spec.with(overrides(Optional.of(1_000.0), Optional.empty())).name())
        .isEqualTo("funds-10k-rate-1000");
    assertThat(spec.with(overrides(Optional.of(0.5), Optional.of(5L))).name())
        .isEqualTo("funds-10k-rate-0.5-rows-5");
    assertThat(spec.with(overrides(Optional.of(10_000.0), Optional.of(1_000_000L))).name())
        .isEqualTo("funds-10k");
  }

  private static BenchSpec.Overrides overrides(Optional<Double> rate, Optional<Long> rows) {
    return new BenchSpec.Overrides(
        rate, Optional.of(Duration.ofSeconds(20)), Optional.empty(), rows);
  }

  @Test
  void aWorkloadAloneRunsAtAModerateRateAndTheCommandLineWins() {
    BenchSpec spec =
        BenchSpec.load("wide")
            .with(
                new BenchSpec.Overrides(
                    Optional.of(50.0),
                    Optional.empty(),
                    Optional.of(Duration.ZERO),
                    Optional.empty()));

    assertThat(spec.workload()).isEqualTo("wide");
    assertThat(spec.changesPerSecond()).isEqualTo(50);
    assertThat(spec.duration()).isEqualTo(Duration.ofMinutes(1));
    assertThat(spec.warmUp()).isZero();
  }
}
