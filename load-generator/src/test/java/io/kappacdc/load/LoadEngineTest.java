package io.kappacdc.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kappacdc.load.LoadEngine.Outcome;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class LoadEngineTest {
  private static final int ARRIVALS = 500;

  /** One row a transaction, of which that of a number has a defect. */
  private record Defective(long at) implements Workload {
    @Override
    public ChangeCount prepare(Connection connection, long transactions) {
      return ChangeCount.NONE;
    }

    @Override
    public double rowsPerTransaction() {
      return 1;
    }

    @Override
    public int rowsOf(long transaction) {
      return 1;
    }

    @Override
    public String nameOf(long transaction) {
      return "t";
    }

    @Override
    public Session open(Connection connection, int index, int sessions) {
      return number -> {
        if (number == at) {
          throw new IllegalStateException("no row to refer to");
        }
        return new ChangeCount(1, 0, 0);
      };
    }
  }

  /** A connection that does nothing. */
  private static Connection connection() {
    return (Connection)
        Proxy.newProxyInstance(
            LoadEngineTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> method.getName().equals("isValid") ? true : null);
  }

  @Test
  void aDefectOfTheWorkloadEndsEveryArrivalLongBeforeTheLoadsEnd() throws Exception {
    // Given a load of ten minutes with all its first arrivals waiting
    List<Outcome> outcomes = new CopyOnWriteArrayList<>();
    try (LoadEngine engine =
        LoadEngine.open(
            LoadEngineTest::connection,
            new Defective(3),
            LoadSettings.steady(100, Duration.ofMinutes(10), 2))) {
      for (int i = 0; i < ARRIVALS; i++) {
        engine.arrive(ended -> outcomes.add(ended.outcome()));
      }

      // When
      engine.begin(Duration.ZERO);

      // Then
      await().untilAsserted(() -> assertThat(outcomes).hasSize(ARRIVALS));
      assertThat(outcomes).containsOnlyOnce(Outcome.FAILED).contains(Outcome.NOT_BEGUN);
      await().until(() -> !engine.isRunning());
      assertThat(engine.isStopped()).isTrue();
      assertThatThrownBy(engine::progress)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("The workload broke");
    }
  }

  @Test
  void whoArrivesWhenTheLoadIsBrokenIsToldSoAtOnce() throws Exception {
    List<Outcome> outcomes = new CopyOnWriteArrayList<>();
    try (LoadEngine engine =
        LoadEngine.open(
            LoadEngineTest::connection,
            new Defective(0),
            LoadSettings.steady(100, Duration.ofMinutes(10), 2))) {
      engine.begin(Duration.ZERO);
      engine.arrive(ended -> {});
      await().until(() -> !engine.isRunning());

      engine.arrive(ended -> outcomes.add(ended.outcome()));

      assertThat(outcomes).containsExactly(Outcome.NOT_BEGUN);
    }
  }
}
