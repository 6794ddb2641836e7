package io.kappacdc.chaos;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Which state of the code is at work. */
final class Commit {
  private Commit() {}

  /** The commit of the working copy that the program was built in, or that it is not known. */
  static String current() {
    String root = System.getProperty("kappa.root", ".");
    try {
      Process git =
          new ProcessBuilder(
                  List.of("git", "-C", root, "describe", "--always", "--dirty", "--abbrev=10"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String output =
          new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return git.waitFor() == 0 && !output.isEmpty() ? output : "unknown";
    } catch (IOException e) {
      return "unknown";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "unknown";
    }
  }
}
