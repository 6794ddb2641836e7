package io.kappacdc.chaos;

import io.kappacdc.chaos.agent.Mutation;
import io.kappacdc.chaos.stack.Role;
import io.kappacdc.chaos.stack.Stack;
import io.kappacdc.runtime.KappaException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The pipeline's configuration in a run: small, and never tired of starting again. */
final class StackSettings {
  /**
   * Starts count for more than peak speed: most of what runs here does not run for long. Without a
   * larger code cache, Spark's generated code would soon fill the one that comes with that.
   */
  private static final String JVM_OPTIONS =
      "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -Xss512k";

  private static final String BUILD = "Build it: mvn -DskipTests package";

  private static final Map<String, String> SETTINGS =
      Map.of(
          "capture.heap", "256MiB",
          "capture.heartbeat-interval", "1s",
          "capture.on-gap", "resnapshot",
          "lake.cut-interval", "500ms",
          "lake.mirror-index-memory", "32MiB",
          "processor.heap", "1GiB",
          "processor.master", "local[3]",
          "up.restarts-max", "100000",
          "up.restart-pause-max", "500ms");

  private StackSettings() {}

  static Stack.Settings of(RunOptions options) {
    return new Stack.Settings(
        options.home(),
        jvmOptions(options, Role.CAPTURE),
        jvmOptions(options, Role.PROCESSOR),
        SETTINGS);
  }

  private static String jvmOptions(RunOptions options, Role role) {
    Mutation mutation = options.mutation();
    String agent =
        "-javaagent:"
            + agentJar()
            + "="
            + role.label()
            + ","
            + Stack.ordersDirectory(options.home());
    boolean isMutated = mutation != null && mutation.role().equals(role.label());
    return JVM_OPTIONS + " " + agent + (isMutated ? "," + mutation.label() : "");
  }

  private static Path agentJar() {
    Path built = Path.of(System.getProperty("kappa.root", "."), "chaos", "target").toAbsolutePath();
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(built, "chaos-*-agent.jar")) {
      for (Path jar : jars) {
        return jar.normalize();
      }
      throw new KappaException(
          "The harness is not built", "there is no chaos-*-agent.jar in " + built, BUILD);
    } catch (IOException e) {
      throw new KappaException("The harness is not built", e.toString(), BUILD, e);
    }
  }
}
