package io.kappacdc.runtime.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Collects the configuration's values, later layers over earlier ones: defaults, the stack file of
 * the home, the file given with {@code --config}, the environment ({@code KAPPA_SOURCE_URL} for
 * {@code source.url}), flags.
 */
public final class ConfigLoader {
  private final Map<String, Object> values = new LinkedHashMap<>();

  /**
   * Adds a YAML file.
   *
   * @throws ConfigException if it cannot be read or is not a map
   */
  public ConfigLoader file(Path file) {
    Object root;
    try {
      LoadSettings settings = LoadSettings.builder().setLabel(file.toString()).build();
      root = new Load(settings).loadFromString(Files.readString(file));
    } catch (IOException e) {
      throw new ConfigException(List.of(file + ": cannot be read: " + e.getMessage()));
    } catch (YamlEngineException e) {
      throw new ConfigException(List.of(file + ": is not YAML: " + e.getMessage()));
    }
    if (root == null) {
      return this;
    }
    if (!(root instanceof Map<?, ?> tree)) {
      throw new ConfigException(List.of(file + ": expected a map of sections at the top"));
    }
    ConfigBinder.flatten("", tree, values);
    return this;
  }

  /** Adds the variables that name a key; {@code KAPPA_}-variables that name none are left alone. */
  public ConfigLoader environment(Map<String, String> environment) {
    for (String path : ConfigBinder.leaves().keySet()) {
      String value = environment.get(variable(path));
      if (value != null && !value.isEmpty()) {
        values.put(path, value);
      }
    }
    return this;
  }

  /** The environment variable of a key. */
  public static String variable(String path) {
    return "KAPPA_" + path.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
  }

  /** Whether the value of a key must not be shown. */
  public static boolean isSecret(String path) {
    ConfigBinder.Leaf leaf = ConfigBinder.leaves().get(path);
    return leaf != null && leaf.key().secret();
  }

  /** Adds single values by path, as from flags. */
  public ConfigLoader flags(Map<String, String> flags) {
    values.putAll(flags);
    return this;
  }

  /**
   * Checks and binds what was collected.
   *
   * @throws ConfigException with every problem at once
   */
  public KappaConfig load() {
    return new ConfigBinder().bind(new HashMap<>(values));
  }
}
