package io.kappacdc.cli.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kappacdc.cli.supervise.FakeLauncher;
import io.kappacdc.runtime.KappaHome;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationTest {
  @TempDir private Path directory;

  @Test
  void aVerificationIsTiedToTheProgramThatStartedIt() throws Exception {
    // Given
    FakeLauncher fake = FakeLauncher.in(directory);

    // When
    Verification verification = Verification.start(fake.launcher(), new KappaHome(fake.home()));

    // Then a shell waits for this program's end, to stop the other
    try {
      await().until(() -> !fake.pids("verify").isEmpty());
      String pid = Long.toString(fake.pids("verify").get(0));
      assertThat(
              ProcessHandle.current()
                  .children()
                  .flatMap(child -> child.info().arguments().stream()))
          .anySatisfy(arguments -> assertThat(arguments).containsAll(List.of("kappa-leash", pid)));
    } finally {
      verification.verdict();
    }
  }
}
