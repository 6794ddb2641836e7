package io.kappacdc.cli.doctor;

import io.kappacdc.cli.doctor.Finding.Grade;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What has been found so far, in the order of the checks. Not thread-safe. */
final class Findings {
  private final List<Finding> all = new ArrayList<>();

  void ok(String check, String found) {
    all.add(new Finding(check, Grade.OK, found, ""));
  }

  void advice(String check, String found, String remedy) {
    all.add(new Finding(check, Grade.ADVICE, found, remedy));
  }

  void problem(String check, String found, String remedy) {
    all.add(new Finding(check, Grade.PROBLEM, found, remedy));
  }

  void unknown(String check, String found, String remedy) {
    all.add(new Finding(check, Grade.UNKNOWN, found, remedy));
  }

  /** A look at a database. */
  @FunctionalInterface
  interface Look {
    void look() throws SQLException;
  }

  /** Looks; if the database refuses, that one check is unknown and the others go on. */
  void attempt(String check, Look look) {
    try {
      look.look();
    } catch (SQLException e) {
      unknown(check, "it cannot be looked at: " + e.getMessage(), "See whether the login may.");
    }
  }

  List<Finding> all() {
    return List.copyOf(all);
  }
}
