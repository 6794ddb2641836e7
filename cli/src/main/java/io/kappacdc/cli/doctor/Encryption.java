package io.kappacdc.cli.doctor;

import io.kappacdc.cli.config.Database;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.sql.SQLException;

/** Whether what goes over a network is encrypted, and goes to whom it should. */
final class Encryption {
  private static final String VERIFIED = "sslmode=verify-full";

  private Encryption() {}

  static void examine(String area, Database database, Catalog catalog, Findings findings)
      throws SQLException {
    String check = area + ".tls";
    if (isHere(host(database.url()))) {
      findings.ok(check, "it is on this machine");
    } else if (!catalog.isEncrypted()) {
      findings.problem(
          check,
          "rows and password go over the network in plain text",
          "Let that server speak TLS, and add sslmode=verify-full to " + area + ".url.");
    } else if (!database.url().contains(VERIFIED)) {
      findings.advice(
          check,
          "the connection is encrypted, and nobody looks at the server's certificate",
          "Add sslmode=verify-full to " + area + ".url.");
    } else {
      findings.ok(check, "the connection is encrypted and the server's certificate is verified");
    }
  }

  private static String host(String jdbcUrl) {
    String host = URI.create(jdbcUrl.substring("jdbc:".length())).getHost();
    return host == null ? "localhost" : host;
  }

  /** Whether a host is this machine, by loopback. */
  static boolean isHere(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
