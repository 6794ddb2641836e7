package io.kappacdc.load.gatling;

import io.kappacdc.runtime.cli.Cli;

/** Entry point of {@code kappa load}. */
public final class LoadMain {
  private LoadMain() {}

  public static void main(String[] arguments) {
    int exitCode = Cli.execute(new LoadCommand(), arguments);
    System.out.flush();
    System.err.flush();
    System.exit(exitCode);
  }
}
