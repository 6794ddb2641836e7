package io.kappacdc.cli.verify;

import io.kappacdc.cli.supervise.Launcher;
import io.kappacdc.cli.supervise.OwnWords;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.cli.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code kappa verify} on a running stack, in a process of its own. */
public final class Verification {
  private static final int LINES_MAX = 1_000;

  private final Process process;
  private final Path log;
  private final List<String> lines = new ArrayList<>();
  private final Thread reader = new Thread(this::read, "verification-output");

  private Verification(Process process, Path log) {
    this.process = process;
    this.log = log;
    reader.setDaemon(true);
  }

  /**
   * Starts it, tied to this process: nobody is left to read its verdict when that ends.
   *
   * @param options in addition to the home
   */
  public static Verification start(Launcher launcher, KappaHome home, String... options)
      throws IOException {
    List<String> arguments = new ArrayList<>(List.of("verify", "--home=" + home.directory()));
    arguments.addAll(List.of(options));
    Path log = home.resolve("logs").resolve("verify.log");
    Process process = launcher.startTied(arguments, Map.of(), log);
    Verification verification = new Verification(process, log);
    verification.reader.start();
    return verification;
  }

  private void read() {
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        synchronized (lines) {
          if (lines.size() < LINES_MAX) {
            lines.add(line);
          }
        }
      }
    } catch (IOException e) {
      // The process was killed: its exit code tells the rest.
    }
  }

  public boolean isRunning() {
    return process.isAlive();
  }

  /** The verdict: 0 match, 1 mismatch, 2 if that could not be found out, or not in time. */
  public int verdict() throws InterruptedException {
    if (process.isAlive()) {
      process.destroy();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      return ExitCode.NOT_DONE;
    }
    reader.join(Duration.ofSeconds(1).toMillis());
    return process.exitValue();
  }

  /** What it printed. */
  public List<String> output() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  /** In a few words, what kept it from a verdict; to be called when it has ended without one. */
  String obstacle() {
    return error()
        .map(KappaException::reason)
        .or(() -> output().stream().filter(line -> line.contains(" not verified: ")).findFirst())
        .orElse("it ended without a word");
  }

  /** The error it ended with, if it did. */
  public Optional<KappaException> error() {
    try (Stream<String> logged = Files.lines(log)) {
      return OwnWords.in(logged.limit(LINES_MAX).toList());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
