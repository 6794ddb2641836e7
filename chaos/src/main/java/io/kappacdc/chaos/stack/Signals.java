package io.kappacdc.chaos.stack;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Signals to processes, by their ids. */
public final class Signals {
  private Signals() {}

  /** Stops processes where they are (SIGSTOP). */
  public static void pause(List<Long> pids) {
    send("STOP", pids);
  }

  /** Lets stopped processes go on (SIGCONT). */
  public static void resume(List<Long> pids) {
    send("CONT", pids);
  }

  /** SIGKILL. */
  public static void kill(List<Long> pids) {
    send("KILL", pids);
  }

  private static void send(String signal, List<Long> pids) {
    List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
    pids.forEach(pid -> command.add(Long.toString(pid)));
    try {
      // One that has ended by now is no error.
      new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new IllegalStateException("There is no kill on the PATH", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
