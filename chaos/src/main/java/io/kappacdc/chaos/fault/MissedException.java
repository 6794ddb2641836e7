package io.kappacdc.chaos.fault;

/** The fault did not come about: what it waits for did not come by. Nothing was harmed. */
public final class MissedException extends Exception {
  private static final long serialVersionUID = 1L;

  MissedException(String message) {
    super(message);
  }
}
