package io.kappacdc.cli.supervise;

import java.util.Locale;

/** The pipeline's own processes, in the order they are stopped. */
enum Role {
  CAPTURE("capture"),
  PROCESSOR("process");

  private final String subcommand;

  Role(String subcommand) {
    this.subcommand = subcommand;
  }

  /** What runs it: {@code ./kappa <subcommand>}. */
  String subcommand() {
    return subcommand;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The line it prints once it does its work. */
  String readyLine() {
    return "KAPPA READY " + label();
  }

  /** What a line begins with that says where it serves metrics and health. */
  String httpPrefix() {
    return "KAPPA HTTP " + label() + " ";
  }
}
