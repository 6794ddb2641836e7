package io.kappacdc.cli.config;

import io.kappacdc.runtime.KappaException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JDBC URL of PostgreSQL with user and password taken out of it, where they would show.
 *
 * @param url without user and password
 */
public record DatabaseUrl(String url, @Nullable String user, @Nullable String password) {
  private static final String PREFIX = "jdbc:postgresql:";

  /**
   * Takes a URL apart, {@code jdbc:postgresql://host:port/database?user=u&password=p}.
   *
   * @throws KappaException if it is the URL of something else
   */
  public static DatabaseUrl parse(String text) {
    if (!text.startsWith(PREFIX)) {
      throw new KappaException(
          "Cannot connect to the given database",
          "its URL does not start with " + PREFIX,
          "Write it as jdbc:postgresql://host:5432/database");
    }
    int question = text.indexOf('?');
    if (question < 0) {
      return new DatabaseUrl(text, null, null);
    }
    String user = null;
    String password = null;
    List<String> others = new ArrayList<>();
    for (String parameter : text.substring(question + 1).split("&")) {
      if (parameter.startsWith("user=")) {
        user = decoded(parameter);
      } else if (parameter.startsWith("password=")) {
        password = decoded(parameter);
      } else if (!parameter.isEmpty()) {
        others.add(parameter);
      }
    }
    String rest = others.isEmpty() ? "" : "?" + String.join("&", others);
    return new DatabaseUrl(text.substring(0, question) + rest, user, password);
  }

  private static String decoded(String parameter) {
    String value = parameter.substring(parameter.indexOf('=') + 1);
    return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** Moves user and password that stand in the URL of {@code section} to keys of their own. */
  public static void normalize(Map<String, String> values, String section) {
    String url = values.get(section + ".url");
    if (url == null) {
      return;
    }
    DatabaseUrl parsed = parse(url);
    values.put(section + ".url", parsed.url());
    if (parsed.user() != null) {
      values.put(section + ".user", parsed.user());
    }
    if (parsed.password() != null) {
      values.put(section + ".password", parsed.password());
    }
  }
}
