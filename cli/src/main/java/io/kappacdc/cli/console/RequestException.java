package io.kappacdc.cli.console;

import io.kappacdc.runtime.KappaException;

/** A request that is not answered as asked: with an HTTP status, and why, and what to do. */
final class RequestException extends KappaException {
  private final int status;

  RequestException(int status, String problem, String reason, String remedy) {
    super(problem, reason, remedy);
    this.status = status;
  }

  static RequestException badParameter(String name, String expected) {
    return new RequestException(
        400,
        "The request cannot be understood",
        "its parameter " + name + " is missing or does not fit",
        "Give " + expected + ".");
  }

  int status() {
    return status;
  }
}
