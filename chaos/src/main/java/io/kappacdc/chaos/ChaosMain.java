package io.kappacdc.chaos;

import io.kappacdc.runtime.cli.Cli;
import java.util.TimeZone;

/** The harness's process. */
public final class ChaosMain {
  private ChaosMain() {}

  public static void main(String[] arguments) {
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    int exitCode = Cli.execute(new ChaosCommand(), arguments);
    System.out.flush();
    System.err.flush();
    System.exit(exitCode);
  }
}
