package io.kappacdc.cli.config;

import io.kappacdc.runtime.config.ConfigLoader;
import io.kappacdc.runtime.config.DataSize;
import io.kappacdc.runtime.config.KappaConfig;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A configuration as text values by path, in the form that the configuration is read from. */
public final class ConfigValues {
  private static final Pattern CAMEL = Pattern.compile("([a-z])([A-Z])");
  private static final Pattern SECRET_PARAMETER = Pattern.compile("(?i)(password=)[^&]*");
  private static final Duration FOREVER = Duration.ofMillis(Long.MAX_VALUE);
  private static final String MASK = "********";

  private ConfigValues() {}

  /** Every single value that is set. Lists, which only a file can give, are left out. */
  public static Map<String, String> of(KappaConfig config) {
    Map<String, String> values = new TreeMap<>();
    for (RecordComponent section : KappaConfig.class.getRecordComponents()) {
      Object part = value(section, config);
      for (RecordComponent component : section.getType().getRecordComponents()) {
        Object value = value(component, part);
        if (value != null && !(value instanceof List)) {
          values.put(path(section) + '.' + path(component), text(value));
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
            path.endsWith(".password")
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

  private static String text(Object value) {
    if (value instanceof Duration duration) {
      return duration.equals(FOREVER) ? "forever" : duration.toMillis() + "ms";
    } else if (value instanceof DataSize size) {
      boolean whole = size.bytes() % (1 << 20) == 0;
      return whole ? size.mebibytes() + "MiB" : size.bytes() + "B";
    } else if (value instanceof Enum<?> constant) {
      return constant.name().toLowerCase(Locale.ROOT);
    }
    return value.toString();
  }
}
