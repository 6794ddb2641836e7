package io.kappacdc.cli.console;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A request's parameters; those of a name in their order. */
record Query(Map<String, List<String>> parameters) {
  private static final int PARAMETERS_MAX = 40;

  static Query of(URI uri) {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    String raw = uri.getRawQuery();
    if (raw != null) {
      for (String parameter : raw.split("&", PARAMETERS_MAX)) {
        int equals = parameter.indexOf('=');
        if (equals > 0) {
          parameters
              .computeIfAbsent(decoded(parameter.substring(0, equals)), name -> new ArrayList<>())
              .add(decoded(parameter.substring(equals + 1)));
        }
      }
    }
    return new Query(parameters);
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw RequestException.badParameter(text, "an encoded text");
    }
  }

  List<String> all(String name) {
    return parameters.getOrDefault(name, List.of());
  }

  String text(String name) {
    List<String> all = all(name);
    return all.isEmpty() ? "" : all.get(0);
  }

  /**
   * A text that must be there.
   *
   * @throws RequestException if it is not
   */
  String required(String name) {
    String text = text(name);
    if (text.isEmpty()) {
      throw RequestException.badParameter(name, "a text");
    }
    return text;
  }

  /**
   * A whole number, brought between the bounds.
   *
   * @throws RequestException if it is none
   */
  long number(String name, long otherwise, long min, long max) {
    String text = text(name);
    try {
      long number = text.isEmpty() ? otherwise : Long.parseLong(text);
      return Math.max(min, Math.min(max, number));
    } catch (NumberFormatException e) {
      throw RequestException.badParameter(name, "a whole number");
    }
  }
}
