package io.kappacdc.runtime.config;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a process listens.
 *
 * @param host name or address, an IPv6 address without brackets
 * @param port 0 for any that is free
 */
public record ListenAddress(String host, int port) {
  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9a-fA-F:.%]+)]|([^:\\s]+)):(\\d{1,5})");
  private static final int PORT_MAX = 65_535;
  private static final String OFF = "off";

  public ListenAddress {
    if (port < 0 || port > PORT_MAX) {
      throw new IllegalArgumentException("expected a port from 0 to " + PORT_MAX);
    }
  }

  /**
   * Reads {@code host:port}.
   *
   * @return empty for {@code off}
   * @throws IllegalArgumentException if it is neither
   */
  public static Optional<ListenAddress> parse(String text) {
    if (text.trim().toLowerCase(Locale.ROOT).equals(OFF)) {
      return Optional.empty();
    }
    Matcher matcher = FORM.matcher(text.trim());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("expected host:port, such as 127.0.0.1:9404, or off");
    }
    String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    return Optional.of(new ListenAddress(host, Integer.parseInt(matcher.group(3))));
  }

  /** Checks a key's value, for the configuration's records. */
  static void require(String key, String text) {
    try {
      parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          key + ": '" + text + "' does not fit: " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return (host.contains(":") ? '[' + host + ']' : host) + ':' + port;
  }
}
