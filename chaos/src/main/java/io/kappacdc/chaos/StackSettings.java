package io.kappacdc.chaos;

import io.kappacdc.chaos.stack.Stack;
import java.util.Map;

/** The pipeline's configuration in a run: small, and never tired of starting again. */
final class StackSettings {
  /** Starts count for more than peak speed: most of what runs here does not run for long. */
  private static final String JVM_OPTIONS = "-XX:TieredStopAtLevel=1 -Xss512k";

  private static final Map<String, String> SETTINGS =
      Map.of(
          "capture.heap", "256MiB",
          "capture.heartbeat-interval", "1s",
          "processor.heap", "1GiB",
          "processor.master", "local[3]",
          "up.restarts-max", "100000",
          "up.restart-pause-max", "500ms");

  private StackSettings() {}

  static Stack.Settings of(RunOptions options) {
    return new Stack.Settings(options.home(), JVM_OPTIONS, JVM_OPTIONS, SETTINGS);
  }
}
