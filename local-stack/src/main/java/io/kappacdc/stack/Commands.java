package io.kappacdc.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Short programs that are run to their end. */
final class Commands {
  private static final int CANNOT_RUN = 127;

  private Commands() {}

  /**
   * @param output standard output and error, in the order they came
   */
  record Result(int exitCode, String output) {}

  /** Runs a program to its end; one that cannot be started counts as failed. */
  static Result run(List<String> command) {
    try {
      Process process = withCleanEnvironment(new ProcessBuilder(command)).start();
      process.getOutputStream().close();
      byte[] output = process.getInputStream().readAllBytes();
      return new Result(process.waitFor(), new String(output, StandardCharsets.UTF_8));
    } catch (IOException e) {
      return new Result(CANNOT_RUN, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + command.get(0), e);
    }
  }

  /** Like {@link #run}, and an error when the program fails. */
  static void runOrFail(String what, List<String> command) {
    Result result = run(command);
    if (result.exitCode() != 0) {
      throw StackErrors.commandFailed(what, result.output().strip(), null);
    }
  }

  /** Takes away what would change a server's or tool's behaviour: PG* variables and locales. */
  static ProcessBuilder withCleanEnvironment(ProcessBuilder builder) {
    builder
        .environment()
        .keySet()
        .removeIf(
            name -> name.startsWith("PG") || name.startsWith("LC_") || name.startsWith("LANG"));
    return builder.redirectErrorStream(true);
  }
}
