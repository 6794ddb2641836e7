package io.kappacdc.cli.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ProcessUseTest {
  @Test
  void readsAProcessWhateverItIsCalled() {
    String stat =
        "42 (a) b (c) S 7 42 42 0 -1 4194304 100 0 0 0 11 22 33 44 20 0 1 0 9999 1000 10 ...";

    assertThat(ProcessTree.parse(42, stat))
        .isEqualTo(new ProcessTree.Entry(42, 7, 9999, 11 + 22 + 33 + 44));
  }

  @Test
  void aPartIsItsFirstProcessAndAllThatDescendFromItButOtherParts() throws Exception {
    Process parent = new ProcessBuilder("sh", "-c", "sh -c 'while :; do :; done' & wait").start();
    try {
      await().until(() -> parent.descendants().count() == 1);
      long child = parent.descendants().findFirst().orElseThrow().pid();
      ProcessUse both = new ProcessUse(() -> Map.of("all", parent.pid()));
      ProcessUse apart = new ProcessUse(() -> Map.of("parent", parent.pid(), "child", child));

      both.look();
      apart.look();
      await()
          .atMost(Duration.ofMinutes(1))
          .until(
              () -> {
                both.look();
                return last(both).cpuSeconds().get("all") > 0.2;
              });
      apart.look();

      assertThat(last(apart).cpuSeconds().get("child")).isGreaterThan(0.1);
      assertThat(last(apart).cpuSeconds().get("parent")).isLessThan(0.1);
      assertThat(last(both).residentBytes().get("all")).isPositive();
      assertThat(last(both).busySeconds()).isGreaterThan(0);
    } finally {
      parent.descendants().forEach(ProcessHandle::destroyForcibly);
      parent.destroyForcibly();
    }
  }

  private static ProcessUse.Point last(ProcessUse use) {
    return use.points().get(use.points().size() - 1);
  }

  @Test
  void useBetweenTwoLooksIsTakenAsEven() {
    List<ProcessUse.Point> points =
        List.of(point(0, 0, 100), point(2_000_000, 4, 300), point(4_000_000, 5, 200));

    CpuInWindow cpu = CpuInWindow.of(points, new Window(1_000_000, 3_000_000));

    assertThat(cpu.seconds().get("processor")).isCloseTo(4.5 - 2, within(1e-9));
    assertThat(cpu.seconds().get("load")).isCloseTo(4.5 - 2, within(1e-9));
    assertThat(cpu.pipelineSeconds()).isCloseTo(2.5, within(1e-9));
    assertThat(cpu.residentBytesMax().get("processor")).isEqualTo(300);
    assertThat(cpu.foreignSeconds()).isCloseTo(3 * 2.5 - 2 * 2.5, within(1e-9));
  }

  private static ProcessUse.Point point(long micros, double cpu, long bytes) {
    Map<String, Double> seconds = new TreeMap<>();
    Map<String, Long> resident = new TreeMap<>();
    for (String part : CpuInWindow.PIPELINE) {
      seconds.put(part, 0.0);
      resident.put(part, 0L);
    }
    seconds.putAll(Map.of("processor", cpu, "load", cpu));
    resident.putAll(Map.of("processor", bytes, "load", bytes));
    return new ProcessUse.Point(micros, seconds, resident, 3 * cpu, 0);
  }

  @Test
  void aJvmSaysWhatItCounts() {
    JvmCounters before = JvmCounters.of(ProcessHandle.current().pid()).orElseThrow();
    System.gc();
    JvmCounters after = JvmCounters.of(ProcessHandle.current().pid()).orElseThrow();

    assertThat(after.since(before).collections()).isPositive();
    assertThat(after.heapUsedBytes()).isPositive();
    assertThat(after.compilationSeconds()).isPositive();
    assertThat(JvmCounters.of(1_999_999_999)).isEmpty();
  }
}
