package io.kappacdc.stack;

/** Stops a server when this JVM ends in an orderly way. */
final class StopWithJvm {
  private final Thread hook;

  private StopWithJvm(Thread hook) {
    this.hook = hook;
  }

  static StopWithJvm register(Runnable stop) {
    var hook = new Thread(stop, "stop-embedded-server");
    Runtime.getRuntime().addShutdownHook(hook);
    return new StopWithJvm(hook);
  }

  static StopWithJvm none() {
    return new StopWithJvm(new Thread());
  }

  void cancel() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook is what runs, or finds the server stopped.
    }
  }
}
