package io.kappacdc.runtime.cli;

/** Exit codes of all commands. */
public final class ExitCode {
  public static final int OK = 0;

  /** It failed, or (verify) what was compared differs. */
  public static final int FAILED = 1;

  /** Wrong call or configuration; (verify) it could not be found out. */
  public static final int NOT_DONE = 2;

  private ExitCode() {}
}
