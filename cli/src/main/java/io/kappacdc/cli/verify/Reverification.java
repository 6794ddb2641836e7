package io.kappacdc.cli.verify;

import io.kappacdc.cli.status.Resnapshots;
import io.kappacdc.cli.supervise.Launcher;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Verifies once capture has read all tables anew by itself ({@code capture.on-gap: resnapshot}), so
 * that what was healed without a person is also proven without one. Not thread-safe.
 */
public final class Reverification implements AutoCloseable {
  private final Launcher launcher;
  private final KappaHome home;
  private final Consumer<String> notes;
  private long verified;
  private @Nullable Verification running;

  /**
   * @param notes gets a line when a verification begins, and its verdict
   */
  public Reverification(Launcher launcher, KappaHome home, Consumer<String> notes) {
    this.launcher = launcher;
    this.home = home;
    this.notes = notes;
    this.verified = Resnapshots.read(home.directory()).whole();
  }

  /** Looks whether there is something to do; to be called now and then. */
  public void tend() throws InterruptedException {
    Verification under = running;
    if (under != null) {
      if (!under.isRunning()) {
        running = null;
        notes.accept(verdict(under));
      }
      return;
    }
    Resnapshots told = Resnapshots.read(home.directory());
    if (told.whole() > verified) {
      verified = told.whole();
      notes.accept("capture has read all tables anew (" + told.reason() + "); verifying");
      try {
        running = Verification.start(launcher, home);
      } catch (IOException e) {
        notes.accept("verification did not start: " + e.getMessage() + "; run kappa verify");
      }
    }
  }

  private String verdict(Verification ended) throws InterruptedException {
    return switch (ended.verdict()) {
      case ExitCode.OK -> "verified: source and stores hold the same";
      case ExitCode.FAILED ->
          "NOT THE SAME: source and stores differ; kappa verify names the rows, kappa replay --from"
              + " earliest --rebuild makes the stores anew";
      default ->
          "could not be verified ("
              + ended.obstacle()
              + "); run kappa verify. What it logged: "
              + home.resolve("logs").resolve("verify.log");
    };
  }

  /** Ends a verification under way. */
  @Override
  public void close() throws InterruptedException {
    if (running != null) {
      running.verdict();
    }
  }
}
