package io.kappacdc.cli;

/** The launcher for a test: this build, this Java, and processes that are over soon. */
public final class ShortLived {
  private static final String OPTIONS = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m";

  private ShortLived() {}

  /** Sets the environment of a process that runs {@code kappa}. */
  public static void configure(ProcessBuilder builder) {
    builder.environment().put("KAPPA_BUILD", "never");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("KAPPA_CAPTURE_OPTS", OPTIONS);
    builder.environment().put("KAPPA_PROCESSOR_OPTS", OPTIONS);
  }
}
