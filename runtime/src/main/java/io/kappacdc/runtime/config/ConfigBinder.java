package io.kappacdc.runtime.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Binds a tree of maps to the configuration's records and collects every problem on the way. */
final class ConfigBinder {
  private static final Pattern CAMEL = Pattern.compile("([a-z])([A-Z])");
  private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m|h|d)");

  /** What {@code forever} means: Kafka's retention.ms takes it as it is. */
  static final Duration FOREVER = Duration.ofMillis(Long.MAX_VALUE);

  private final List<String> problems = new ArrayList<>();

  /** A leaf key: its path, its component. */
  record Leaf(String path, RecordComponent component) {
    Key key() {
      return component.getAnnotation(Key.class);
    }
  }

  static Map<String, Leaf> leaves() {
    Map<String, Leaf> leaves = new LinkedHashMap<>();
    for (RecordComponent section : KappaConfig.class.getRecordComponents()) {
      for (RecordComponent component : section.getType().getRecordComponents()) {
        String path = kebab(section.getName()) + '.' + kebab(component.getName());
        leaves.put(path, new Leaf(path, component));
      }
    }
    return leaves;
  }

  static String kebab(String camel) {
    return CAMEL.matcher(camel).replaceAll("$1-$2").toLowerCase(Locale.ROOT);
  }

  /** Flattens YAML's nested maps to paths; lists, and maps that are values, stay whole. */
  static void flatten(String prefix, Map<?, ?> tree, Map<String, Object> into) {
    Map<String, Leaf> leaves = leaves();
    tree.forEach(
        (key, value) -> {
          String path = prefix.isEmpty() ? String.valueOf(key) : prefix + '.' + key;
          Leaf leaf = leaves.get(path);
          if (value instanceof Map<?, ?> nested
              && (leaf == null || leaf.component().getType() != Map.class)) {
            flatten(path, nested, into);
          } else if (value != null) {
            into.put(path, value);
          }
        });
  }

  /**
   * Binds the values.
   *
   * @throws ConfigException if any key is unknown or any value does not fit
   */
  KappaConfig bind(Map<String, Object> values) {
    Map<String, Leaf> leaves = leaves();
    for (String path : new TreeSet<>(values.keySet())) {
      if (!leaves.containsKey(path)) {
        problems.add(unknown(path, leaves));
      }
    }
    Object config = record(KappaConfig.class, "", values);
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return (KappaConfig) config;
  }

  private static String unknown(String path, Map<String, Leaf> leaves) {
    return path + ": unknown key" + NearMiss.suggestion(path, leaves.keySet());
  }

  private @Nullable Object record(Class<?> type, String prefix, Map<String, Object> values) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String path = prefix + kebab(components[i].getName());
      arguments[i] =
          isSection(components[i].getType())
              ? record(components[i].getType(), path + '.', values)
              : leaf(components[i], path, values.get(path));
    }
    return problems.isEmpty() ? construct(type, prefix, arguments) : null;
  }

  private @Nullable Object construct(Class<?> type, String prefix, Object[] arguments) {
    try {
      Constructor<?> constructor =
          type.getDeclaredConstructor(
              Arrays.stream(type.getRecordComponents())
                  .map(RecordComponent::getType)
                  .toArray(Class<?>[]::new));
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      problems.add(prefix + e.getCause().getMessage());
      return null;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Configuration record " + type + " cannot be built", e);
    }
  }

  private static boolean isSection(Class<?> type) {
    return type.isRecord() && type != DataSize.class && type != TablePatterns.class;
  }

  /** The record that a list's elements are; null for other lists. */
  static @Nullable Class<?> elementRecord(RecordComponent component) {
    return component.getGenericType() instanceof ParameterizedType list
            && list.getActualTypeArguments()[0] instanceof Class<?> element
            && element.isRecord()
        ? element
        : null;
  }

  private List<Object> records(Class<?> type, String path, @Nullable Object value) {
    List<Object> records = new ArrayList<>();
    int index = 0;
    for (Object element : value == null ? List.of() : list(value)) {
      String place = path + '[' + index++ + ']';
      if (!(element instanceof Map<?, ?> map)) {
        problems.add(place + ": expected a map");
        continue;
      }
      Object record = element(type, place + '.', map);
      if (record != null) {
        records.add(record);
      }
    }
    return records;
  }

  /** An element of a list, built even if there are problems elsewhere: it can have some, too. */
  private @Nullable Object element(Class<?> type, String prefix, Map<?, ?> given) {
    int before = problems.size();
    Map<String, Object> values = new LinkedHashMap<>();
    given.forEach((name, value) -> values.put(String.valueOf(name), value));
    RecordComponent[] components = type.getRecordComponents();
    List<String> names = Arrays.stream(components).map(c -> kebab(c.getName())).toList();
    for (String name : values.keySet()) {
      if (!names.contains(name)) {
        problems.add(prefix + name + ": unknown key" + NearMiss.suggestion(name, names));
      }
    }
    Object[] arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      Object value = values.get(names.get(i));
      if (value == null && isRequired(components[i])) {
        problems.add(prefix + names.get(i) + ": is missing");
      } else {
        arguments[i] = leaf(components[i], prefix + names.get(i), value);
      }
    }
    return problems.size() == before ? construct(type, prefix, arguments) : null;
  }

  private static boolean isRequired(RecordComponent component) {
    return !component.getAnnotatedType().isAnnotationPresent(Nullable.class)
        && component.getAnnotation(Key.class).byDefault().isEmpty();
  }

  private @Nullable Object leaf(RecordComponent component, String path, @Nullable Object given) {
    Key key = component.getAnnotation(Key.class);
    Object value = given == null && !key.byDefault().isEmpty() ? key.byDefault() : given;
    try {
      Class<?> element = elementRecord(component);
      return element != null ? records(element, path, value) : convert(component, value);
    } catch (IllegalArgumentException | ArithmeticException | DateTimeParseException e) {
      String shown = key.secret() ? "the value" : "'" + value + "'";
      problems.add(path + ": " + shown + " does not fit: " + e.getMessage());
      return null;
    }
  }

  private static @Nullable Object convert(RecordComponent component, @Nullable Object value) {
    Class<?> type = component.getType();
    if (type == List.class) {
      return value == null ? List.of() : maps(value);
    }
    if (type == Map.class) {
      return value == null ? Map.of() : texts(value);
    }
    if (type == TablePatterns.class) {
      return value == null ? TablePatterns.NONE : TablePatterns.parse(value);
    }
    if (value == null) {
      return null;
    }
    if (value instanceof List || value instanceof Map) {
      throw new IllegalArgumentException("expected a single value");
    }
    String text = value.toString().trim();
    if (type == String.class) {
      return text;
    } else if (type == int.class || type == Integer.class || type == long.class) {
      return positive(text, type);
    } else if (type == Duration.class) {
      return duration(text);
    } else if (type == DataSize.class) {
      return DataSize.parse(text);
    } else if (type.isEnum()) {
      return enumValue(type, text);
    }
    throw new IllegalStateException("No conversion to " + type);
  }

  private static Object positive(String text, Class<?> type) {
    long number;
    try {
      number = Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("expected a whole number", e);
    }
    if (number < 1) {
      throw new IllegalArgumentException("expected a number from 1");
    }
    return type == long.class ? (Object) number : (Object) Math.toIntExact(number);
  }

  static Duration duration(String text) {
    if ("forever".equals(text)) {
      return FOREVER;
    }
    var matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "expected a duration such as 500ms, 5s, 10m, 24h, 7d or forever");
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  private static Object enumValue(Class<?> type, String text) {
    for (Object constant : type.getEnumConstants()) {
      if (((Enum<?>) constant).name().equalsIgnoreCase(text.replace('-', '_'))) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        "expected one of "
            + Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                .toList());
  }

  /** A list of the file; or its text on one line, as the environment and a stack file have it. */
  private static List<?> list(Object value) {
    if (yaml(value, "a list") instanceof List<?> list) {
      return list;
    }
    throw new IllegalArgumentException("expected a list");
  }

  /** A map of single values, likewise; {@code a: {b: c}} is {@code a.b: c}. */
  private static Map<String, String> texts(Object value) {
    if (!(yaml(value, "a map") instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("expected a map");
    }
    Map<String, Object> flat = new LinkedHashMap<>();
    flatten("", map, flat);
    Map<String, String> texts = new LinkedHashMap<>();
    flat.forEach(
        (name, one) -> {
          if (one instanceof List) {
            throw new IllegalArgumentException("expected a single value for " + name);
          }
          texts.put(name, one.toString());
        });
    return texts;
  }

  private static Object yaml(Object value, String expected) {
    if (!(value instanceof String text)) {
      return value;
    }
    try {
      return new Load(LoadSettings.builder().build()).loadFromString(text);
    } catch (YamlEngineException e) {
      throw new IllegalArgumentException("expected " + expected + ", as YAML", e);
    }
  }

  private static List<Map<String, String>> maps(Object value) {
    List<Map<String, String>> maps = new ArrayList<>();
    for (Object element : list(value)) {
      if (!(element instanceof Map<?, ?> map) || !map.containsKey("type")) {
        throw new IllegalArgumentException("expected maps with a `type`");
      }
      Map<String, String> options = new LinkedHashMap<>();
      map.forEach((name, option) -> options.put(String.valueOf(name), String.valueOf(option)));
      maps.add(Map.copyOf(options));
    }
    return List.copyOf(maps);
  }
}
