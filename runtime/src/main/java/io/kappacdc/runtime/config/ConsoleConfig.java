package io.kappacdc.runtime.config;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/** The page for people. */
public record ConsoleConfig(
    @Key(
            doc =
                "Where `up` and `console` serve the console: host:port, port 0 for any that is free, or"
                    + " `off`. Another address than loopback needs `console.token`.",
            byDefault = "127.0.0.1:0")
        String httpAddress,
    @Key(
            doc =
                "What the console's actions ask for, and what it shows at another address than loopback;"
                    + " at least 16 characters. Without it the console is read-only.",
            secret = true)
        @Nullable String token,
    @Key(
            doc =
                "Where capture serves its metrics, http://host:port, if the console cannot take that from"
                    + " capture's status file: on a cluster, in containers.")
        @Nullable String captureUrl,
    @Key(doc = "The same of the processor.") @Nullable String processorUrl) {

  /** What is shorter can be guessed. */
  public static final int TOKEN_LENGTH_MIN = 16;

  public ConsoleConfig {
    ListenAddress.require("http-address", httpAddress);
    if (token != null && token.length() < TOKEN_LENGTH_MIN) {
      throw new IllegalArgumentException(
          "token: expected at least " + TOKEN_LENGTH_MIN + " characters");
    }
    requireHttp("capture-url", captureUrl);
    requireHttp("processor-url", processorUrl);
  }

  private static void requireHttp(String key, @Nullable String url) {
    if (url == null) {
      return;
    }
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key + ": '" + url + "' is no URL", e);
    }
    if (!"http".equals(uri.getScheme()) || uri.getHost() == null || uri.getUserInfo() != null) {
      throw new IllegalArgumentException(
          key + ": '" + url + "' does not fit: expected http://host:port");
    }
  }

  @Override
  public String toString() {
    return "ConsoleConfig[httpAddress=" + httpAddress + "]"; // never the token
  }
}
