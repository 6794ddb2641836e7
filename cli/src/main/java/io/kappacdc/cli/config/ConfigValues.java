package io.kappacdc.cli.config;

import io.kappacdc.runtime.config.ConfigLoader;
import io.kappacdc.runtime.config.DataSize;
import io.kappacdc.runtime.config.KappaConfig;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A configuration as text values by path, in the form that the configuration is read from. */
public final class ConfigValues {
  private static final Pattern CAMEL = Pattern.compile("([a-z])([A-Z])");
  private static final Pattern SECRET_PARAMETER = Pattern.compile("(?i)(password=)[^&]*");
  private static final Duration FOREVER = Duration.ofMillis(Long.MAX_VALUE);
  private static final String MASK = "********";

  private ConfigValues() {}

  /** Every value that is set; a list or map as YAML on one line, an empty one left out. */
  public static Map<String, String> of(KappaConfig config) {
    Map<String, String> values = new TreeMap<>();
    for (RecordComponent section : KappaConfig.class.getRecordComponents()) {
      Object part = value(section, config);
      for (RecordComponent component : section.getType().getRecordComponents()) {
        Object value = value(component, part);
        String text = isNothing(value) ? "" : text(value);
        if (!text.isEmpty()) {
          values.put(path(section) + '.' + path(component), text);
        }
      }
    }
    return Collections.unmodifiableMap(values);
  }

  /** The same values with secrets made unreadable. */
  public static Map<String, String> masked(Map<String, String> values) {
    Map<String, String> masked = new TreeMap<>(values);
    masked.replaceAll(
        (path, value) ->
            ConfigLoader.isSecret(path)
                ? MASK
                : SECRET_PARAMETER.matcher(value).replaceAll("$1" + MASK));
    return masked;
  }

  /** The values as environment variables, which override every file. */
  public static Map<String, String> asEnvironment(Map<String, String> values) {
    Map<String, String> environment = new TreeMap<>();
    values.forEach((path, value) -> environment.put(ConfigLoader.variable(path), value));
    return environment;
  }

  private static String path(RecordComponent component) {
    return CAMEL.matcher(component.getName()).replaceAll("$1-$2").toLowerCase(Locale.ROOT);
  }

  private static @Nullable Object value(RecordComponent component, @Nullable Object of) {
    try {
      return component.getAccessor().invoke(of);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("The configuration's records are public", e);
    }
  }

  private static boolean isNothing(@Nullable Object value) {
    return value == null || List.of().equals(value) || Map.of().equals(value);
  }

  private static String text(Object value) {
    if (value instanceof Duration duration) {
      return duration.equals(FOREVER) ? "forever" : duration.toMillis() + "ms";
    } else if (value instanceof DataSize size) {
      boolean whole = size.bytes() % (1 << 20) == 0;
      return whole ? size.mebibytes() + "MiB" : size.bytes() + "B";
    } else if (value instanceof Enum<?> constant) {
      return constant.name().toLowerCase(Locale.ROOT);
    } else if (value instanceof List<?> list) {
      return list.stream().map(ConfigValues::entry).collect(Collectors.joining(", ", "[", "]"));
    } else if (value instanceof Map) {
      return entry(value);
    }
    return value.toString();
  }

  /** An entry of a list, a record or a map, as YAML's flow style has it. */
  private static String entry(Object entry) {
    Map<String, String> values = new LinkedHashMap<>();
    if (entry instanceof Map<?, ?> map) {
      new TreeMap<>(map).forEach((name, value) -> values.put(name.toString(), value.toString()));
    } else {
      for (RecordComponent component : entry.getClass().getRecordComponents()) {
        Object value = value(component, entry);
        if (value != null) {
          values.put(path(component), text(value));
        }
      }
    }
    return values.entrySet().stream()
        .map(one -> quoted(one.getKey()) + ": " + quoted(one.getValue()))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c < ' ') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c == '"' || c == '\\' ? "\\" : "").append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
