package io.kappacdc.cli.console;

import com.sun.net.httpserver.Headers;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.ConsoleConfig;
import io.kappacdc.runtime.config.ListenAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may see and do what. At a loopback address everybody on this machine sees everything; a page
 * from elsewhere that a browser on this machine has open does not, since its requests name another
 * host. At another address the token is needed for whatever shows data. Actions always need it.
 */
final class Access {
  private static final Set<String> LOOPBACK_NAMES = Set.of("127.0.0.1", "localhost", "[::1]");
  private static final String BEARER = "Bearer ";

  private final boolean loopback;
  private final String host;
  private final byte @Nullable [] token;

  private Access(boolean loopback, String host, byte @Nullable [] token) {
    this.loopback = loopback;
    this.host = host;
    this.token = token;
  }

  /**
   * The rules for an address.
   *
   * @throws KappaException for an address that others reach, without a token
   */
  static Access of(ListenAddress address, ConsoleConfig config) {
    boolean loopback = isLoopback(address.host());
    String secret = config.token();
    if (!loopback && secret == null) {
      throw new KappaException(
          "The console is not served on " + address,
          "others reach that address, and there is no console.token to know them by",
          "Set KAPPA_CONSOLE_TOKEN to a secret of at least "
              + ConsoleConfig.TOKEN_LENGTH_MIN
              + " characters, or console.http-address to 127.0.0.1:0, or to off.");
    }
    String named = address.host().contains(":") ? '[' + address.host() + ']' : address.host();
    return new Access(
        loopback, named.toLowerCase(Locale.ROOT), secret == null ? null : digest(secret));
  }

  private static boolean isLoopback(String host) {
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        if (!address.isLoopbackAddress()) {
          return false;
        }
      }
      return true;
    } catch (UnknownHostException e) {
      return false; // it cannot be listened on either
    }
  }

  /** Whether the request was meant for this server, by the name it gave it. */
  boolean isMeantForUs(Headers headers) {
    if (!loopback) {
      return true; // the token, which no browser sends by itself, decides
    }
    String given = headers.getFirst("Host");
    if (given == null) {
      return false;
    }
    String name = given.trim().toLowerCase(Locale.ROOT).replaceFirst(":\\d*$", "");
    return LOOPBACK_NAMES.contains(name) || name.equals(host);
  }

  boolean mayRead(Headers headers) {
    return loopback || hasToken(headers);
  }

  boolean actionsAreOn() {
    return token != null;
  }

  /** Takes the same time whatever was sent. */
  boolean hasToken(Headers headers) {
    String given = headers.getFirst("Authorization");
    return token != null
        && given != null
        && given.startsWith(BEARER)
        && MessageDigest.isEqual(digest(given.substring(BEARER.length()).trim()), token);
  }

  private static byte[] digest(String secret) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
