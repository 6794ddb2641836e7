package io.kappacdc.runtime.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A YAML map that is read strictly: a key that nobody asked for is an error, and {@link #finish}
 * reports every problem of the whole file at once, each with its path. Until then a value that does
 * not fit reads as its default, so that reading can go on. Not thread-safe.
 */
public final class StrictMap {
  private final String path;
  private final Map<?, ?> values;
  private final List<String> problems;
  private final Set<String> asked = new LinkedHashSet<>();
  private final List<StrictMap> children = new ArrayList<>();

  private StrictMap(String path, Map<?, ?> values, List<String> problems) {
    this.path = path;
    this.values = values;
    this.problems = problems;
  }

  /**
   * Parses a file's content.
   *
   * @param label what to call it in errors
   * @throws ConfigException if it is not YAML, or not a map
   */
  public static StrictMap parse(String label, String yaml) {
    Object root;
    try {
      root = new Load(LoadSettings.builder().setLabel(label).build()).loadFromString(yaml);
    } catch (YamlEngineException e) {
      throw failure(label, List.of("is not YAML: " + e.getMessage()));
    }
    if (!(root instanceof Map<?, ?> map)) {
      throw failure(label, List.of("expected a map at the top"));
    }
    return new StrictMap("", map, new ArrayList<>());
  }

  private static ConfigException failure(String label, List<String> problems) {
    return new ConfigException(label, problems, "Correct it and run the command again.");
  }

  private String at(String key) {
    return path.isEmpty() ? key : path + '.' + key;
  }

  private @Nullable Object value(String key) {
    asked.add(key);
    return values.get(key);
  }

  public boolean has(String key) {
    return values.get(key) != null;
  }

  /** The keys in the order of the file, for maps whose keys are names. */
  public List<String> keys() {
    return values.keySet().stream().map(String::valueOf).toList();
  }

  /** Notes a problem with a key's value. */
  public void problem(String key, String what) {
    problems.add((key.isEmpty() ? path : at(key)) + ": " + what);
  }

  /** A single value, converted; nothing if it is not there or does not fit. */
  public <T> Optional<T> optional(String key, Function<String, T> conversion) {
    Object value = value(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Map || value instanceof List) {
      problem(key, "expected a single value");
      return Optional.empty();
    }
    try {
      return Optional.of(conversion.apply(value.toString().trim()));
    } catch (IllegalArgumentException e) {
      problem(key, "'" + value + "' does not fit: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** A single value that must be there; {@code otherwise} stands for it when it does not fit. */
  public <T> T required(String key, Function<String, T> conversion, T otherwise) {
    if (!has(key)) {
      asked.add(key);
      problem(key, "is missing");
      return otherwise;
    }
    return optional(key, conversion).orElse(otherwise);
  }

  /** A whole number within bounds. */
  public static Function<String, Long> wholeNumber(long min, long max) {
    return text -> {
      long number;
      try {
        number = Long.parseLong(text.replace("_", ""));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("expected a whole number", e);
      }
      if (number < min || number > max) {
        throw new IllegalArgumentException("expected a number from " + min + " to " + max);
      }
      return number;
    };
  }

  /** A number within bounds. */
  public static Function<String, Double> number(double min, double max) {
    return text -> {
      double number;
      try {
        number = Double.parseDouble(text.replace("_", ""));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("expected a number", e);
      }
      if (!(number >= min && number <= max)) {
        throw new IllegalArgumentException("expected a number from " + min + " to " + max);
      }
      return number;
    };
  }

  /** A duration such as 500ms or 10m. */
  public static Function<String, Duration> duration() {
    return ConfigBinder::duration;
  }

  /** A list of single values; empty if it is not there. */
  public List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (Object element : list(key)) {
      if (element instanceof Map || element instanceof List || element == null) {
        problem(key, "expected a list of single values");
      } else {
        texts.add(element.toString().trim());
      }
    }
    return texts;
  }

  /** A list of maps; empty if it is not there. */
  public List<StrictMap> maps(String key) {
    List<StrictMap> maps = new ArrayList<>();
    int index = 0;
    for (Object element : list(key)) {
      String place = at(key) + '[' + index++ + ']';
      if (element instanceof Map<?, ?> map) {
        maps.add(child(place, map));
      } else {
        problems.add(place + ": expected a map");
      }
    }
    return maps;
  }

  private List<?> list(String key) {
    Object value = value(key);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return list;
    }
    problem(key, "expected a list");
    return List.of();
  }

  /** A map; nothing if it is not there. */
  public Optional<StrictMap> map(String key) {
    Object value = value(key);
    if (value instanceof Map<?, ?> map) {
      return Optional.of(child(at(key), map));
    }
    if (value != null) {
      problem(key, "expected a map");
    }
    return Optional.empty();
  }

  /** The maps in a map, by name, in the order of the file. */
  public Map<String, StrictMap> mapsByName(String key) {
    Map<String, StrictMap> named = new LinkedHashMap<>();
    map(key)
        .ifPresent(
            all -> all.keys().forEach(name -> all.map(name).ifPresent(m -> named.put(name, m))));
    return named;
  }

  private StrictMap child(String place, Map<?, ?> map) {
    StrictMap child = new StrictMap(place, map, problems);
    children.add(child);
    return child;
  }

  /**
   * Ends the reading of the file.
   *
   * @param label what to call it in errors
   * @throws ConfigException with every problem, unknown keys among them
   */
  public void finish(String label) {
    noteUnknown();
    if (!problems.isEmpty()) {
      throw failure(label, problems);
    }
  }

  private void noteUnknown() {
    for (String key : keys()) {
      if (!asked.contains(key)) {
        problem(key, "unknown key" + NearMiss.suggestion(key, asked));
      }
    }
    children.forEach(StrictMap::noteUnknown);
  }
}
