package io.kappacdc.cli.verify;

import io.kappacdc.cli.status.Resnapshots;
import io.kappacdc.cli.supervise.Launcher;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Verifies once capture has read all tables anew by itself ({@code capture.on-gap: resnapshot}), so
 * that what was healed without a person is also proven without one. What was hindered, as by a
 * table that was truncated meanwhile, is tried again, later and later. Not thread-safe.
 */
public final class Reverification implements AutoCloseable {
  private static final int TRIES_MAX = 5;
  private static final Duration PAUSE_FIRST = Duration.ofSeconds(1);
  private static final int PAUSE_GROWTH = 4;

  private final Launcher launcher;
  private final KappaHome home;
  private final Consumer<String> notes;
  private long verified;
  private int tries;
  private Duration pause = PAUSE_FIRST;
  private long againNanos;
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
        ended(under);
      }
      return;
    }
    Resnapshots told = Resnapshots.read(home.directory());
    if (told.whole() > verified) {
      verified = told.whole();
      tries = 0;
      pause = PAUSE_FIRST;
      start("capture has read all tables anew (" + told.reason() + "); verifying");
    } else if (againNanos != 0 && System.nanoTime() - againNanos >= 0) {
      start("verifying again");
    }
  }

  private void start(String note) {
    notes.accept(note);
    againNanos = 0;
    tries++;
    try {
      running = Verification.start(launcher, home);
    } catch (IOException e) {
      notes.accept("verification did not start: " + e.getMessage() + "; run kappa verify");
    }
  }

  private void ended(Verification ended) throws InterruptedException {
    switch (ended.verdict()) {
      case ExitCode.OK -> notes.accept("verified: source and stores hold the same");
      case ExitCode.FAILED ->
          notes.accept(
              "NOT THE SAME: source and stores differ; kappa verify names the rows, kappa replay"
                  + " --from earliest --rebuild makes the stores anew");
      default -> hindered(ended.obstacle());
    }
  }

  private void hindered(String obstacle) {
    String problem = "could not be verified (" + obstacle + ")";
    if (tries < TRIES_MAX) {
      notes.accept(problem + "; trying again in " + pause.toSeconds() + " s");
      againNanos = System.nanoTime() + pause.toNanos();
      pause = pause.multipliedBy(PAUSE_GROWTH);
      return;
    }
    notes.accept(
        problem
            + "; run kappa verify. What it logged: "
            + home.resolve("logs").resolve("verify.log"));
  }

  /** Ends a verification under way. */
  @Override
  public void close() throws InterruptedException {
    if (running != null) {
      running.verdict();
    }
  }
}
