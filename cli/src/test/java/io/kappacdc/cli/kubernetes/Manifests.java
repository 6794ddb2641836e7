package io.kappacdc.cli.kubernetes;

import io.kappacdc.runtime.config.ConfigException;
import io.kappacdc.runtime.config.ConfigLoader;
import io.kappacdc.runtime.config.ConfigReference;
import io.kappacdc.runtime.config.KappaConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The objects of deploy/kubernetes, and what in them could go wrong: refused by a cluster, refused
 * by kappa, or taken by both and without effect.
 */
final class Manifests {
  private static final Set<String> PATHS = Set.of("/livez", "/readyz", "/");
  private static final String PART_OF = "app.kubernetes.io/part-of";
  private static final String COMPONENT = "app.kubernetes.io/component";
  private static final Pattern SECRET_NAME = Pattern.compile("PASSWORD|SECRET|TOKEN");

  private final Map<String, String> files;
  private final String dockerfile;
  private final String compose;
  private final List<Map<?, ?>> objects = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  /**
   * The directory's contents.
   *
   * @param files by name, kustomization.yaml among them
   */
  Manifests(Map<String, String> files, String dockerfile, String compose) {
    this.files = new TreeMap<>(files);
    this.dockerfile = dockerfile;
    this.compose = compose;
    this.files.forEach(
        (name, text) -> {
          if (!name.equals("kustomization.yaml")) {
            new Load(settings())
                .loadAllFromString(text)
                .forEach(object -> objects.add((Map<?, ?>) object));
          }
        });
  }

  static Map<String, String> files(Path directory) throws IOException {
    Map<String, String> files = new LinkedHashMap<>();
    try (Stream<Path> all = Files.list(directory)) {
      for (Path file : all.toList()) {
        files.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return files;
  }

  private static LoadSettings settings() {
    return LoadSettings.builder().build();
  }

  /** One line a problem; empty if all is well. */
  List<String> problems() {
    checkKustomization();
    for (Map<?, ?> object : objects) {
      StrictObjects.problem(object).ifPresent(problems::add);
      if (map(object, "metadata").containsKey("namespace")) {
        problems.add(name(object) + ": has a namespace, which is for the one who applies it");
      }
    }
    KappaConfig config = checkConfiguration();
    for (Map<?, ?> workload : workloads()) {
      new Workload(workload, config).check();
    }
    checkServices(config);
    checkPolicies();
    return problems;
  }

  private void checkKustomization() {
    Map<?, ?> kustomization =
        (Map<?, ?>) new Load(settings()).loadFromString(files.get("kustomization.yaml"));
    Set<String> listed = new TreeSet<>();
    list(kustomization, "resources").forEach(file -> listed.add(String.valueOf(file)));
    Set<String> expected = new TreeSet<>(files.keySet());
    expected.removeAll(Set.of("kustomization.yaml", "secret.example.yaml", "verify.yaml"));
    if (!listed.equals(expected)) {
      problems.add("kustomization.yaml: lists " + listed + ", there are " + expected);
    }
  }

  private KappaConfig checkConfiguration() {
    Map<?, ?> data = map(only("ConfigMap"), "data");
    try {
      Path file = Files.createTempFile("kappa", ".yaml");
      try {
        Files.writeString(file, String.valueOf(data.get("kappa.yaml")));
        return new ConfigLoader().file(file).load();
      } catch (ConfigException e) {
        e.problems().forEach(problem -> problems.add("kappa.yaml: " + problem));
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ConfigLoader().load();
  }

  private List<Map<?, ?>> workloads() {
    return objects.stream()
        .filter(object -> Set.of("Deployment", "Job").contains(object.get("kind")))
        .<Map<?, ?>>map(object -> object)
        .toList();
  }

  /** One that runs pods. */
  private final class Workload {
    private final String name;
    private final Map<?, ?> object;
    private final Map<?, ?> template;
    private final Map<?, ?> pod;
    private final Map<?, ?> container;
    private final KappaConfig config;

    Workload(Map<?, ?> object, KappaConfig config) {
      this.object = object;
      this.config = config;
      name = name(object);
      template = map(map(object, "spec"), "template");
      pod = map(template, "spec");
      container = (Map<?, ?>) list(pod, "containers").get(0);
    }

    void check() {
      checkPod();
      checkImage();
      checkMounts();
      checkEnvironment();
      if ("Deployment".equals(object.get("kind"))) {
        checkDeployment();
      }
    }

    private void say(String problem) {
      problems.add(name + ": " + problem);
    }

    private void checkPod() {
      // A service kappa-capture would set KAPPA_CAPTURE_PORT and more.
      expect(false, pod.get("enableServiceLinks"), "enableServiceLinks");
      expect(false, pod.get("automountServiceAccountToken"), "automountServiceAccountToken");
      Map<?, ?> security = map(pod, "securityContext");
      String user = uid();
      expect(true, security.get("runAsNonRoot"), "runAsNonRoot");
      expect(user, String.valueOf(security.get("runAsUser")), "runAsUser");
      expect(user, String.valueOf(security.get("fsGroup")), "fsGroup");
      expect("RuntimeDefault", map(security, "seccompProfile").get("type"), "seccompProfile.type");
      Map<?, ?> own = map(container, "securityContext");
      expect(false, own.get("allowPrivilegeEscalation"), "allowPrivilegeEscalation");
      expect(true, own.get("readOnlyRootFilesystem"), "readOnlyRootFilesystem");
      expect(List.of("ALL"), map(own, "capabilities").get("drop"), "capabilities.drop");
      for (String part : List.of("requests", "limits")) {
        for (String what : List.of("cpu", "memory")) {
          if (!map(map(container, "resources"), part).containsKey(what)) {
            say("no " + part + " of " + what);
          }
        }
      }
    }

    private void expect(Object expected, Object actual, String what) {
      if (!expected.equals(actual)) {
        say(what + " is " + actual + ", not " + expected);
      }
    }

    private void checkImage() {
      String image = String.valueOf(container.get("image"));
      if (!compose.contains("image: " + image + "\n")) {
        say("image " + image + " is not what the build makes");
      }
      List<?> arguments = list(container, "args");
      List<?> rest = arguments.subList(1, arguments.size());
      if (!rest.equals(List.of("--config", "/etc/kappa/kappa.yaml"))) {
        say("is started with " + rest);
      }
    }

    private void checkMounts() {
      Set<String> volumes = new TreeSet<>();
      for (Object each : list(pod, "volumes")) {
        Map<?, ?> volume = (Map<?, ?>) each;
        volumes.add(String.valueOf(volume.get("name")));
        checkSource(volume);
      }
      Set<String> mounted = new TreeSet<>();
      Set<String> paths = new TreeSet<>();
      for (Object mount : list(container, "volumeMounts")) {
        mounted.add(String.valueOf(((Map<?, ?>) mount).get("name")));
        paths.add(String.valueOf(((Map<?, ?>) mount).get("mountPath")));
      }
      if (!volumes.equals(mounted)) {
        say("has the volumes " + volumes + " and mounts " + mounted);
      }
      // With a read-only root these are all that can be written.
      String home = workDirectory() + "/.kappa";
      for (String needed : List.of("/tmp", home, "/etc/kappa")) {
        if (!paths.contains(needed)) {
          say("mounts nothing at " + needed);
        }
      }
      String lake = String.valueOf(config.lake().path());
      if (!container.get("name").equals("capture") && !paths.contains(lake)) {
        say("mounts nothing at " + lake + ", which is lake.path");
      }
    }

    private void checkSource(Map<?, ?> volume) {
      Map<?, ?> claim = map(volume, "persistentVolumeClaim");
      if (!claim.isEmpty() && !names("PersistentVolumeClaim").contains(claim.get("claimName"))) {
        say("mounts " + claim.get("claimName") + ", which is no claim");
      }
      Map<?, ?> config = map(volume, "configMap");
      if (!config.isEmpty() && !names("ConfigMap").contains(config.get("name"))) {
        say("mounts " + config.get("name") + ", which is no config map");
      }
    }

    private void checkEnvironment() {
      String reference = ConfigReference.markdown();
      for (Object each : list(container, "env")) {
        Map<?, ?> variable = (Map<?, ?>) each;
        String key = String.valueOf(variable.get("name"));
        if (!reference.contains('`' + key + '`')) {
          say(key + " is no key of the configuration");
        }
        Map<?, ?> secret = map(map(variable, "valueFrom"), "secretKeyRef");
        if (SECRET_NAME.matcher(key).find() && secret.isEmpty()) {
          say(key + " is not from the secret");
        }
        if (!secret.isEmpty()
            && !(names("Secret").contains(secret.get("name"))
                && map(only("Secret"), "stringData").containsKey(secret.get("key")))) {
          say(key + " is from " + secret + ", which the secret does not have");
        }
      }
    }

    private void checkDeployment() {
      Map<?, ?> spec = map(object, "spec");
      expect(1, spec.get("replicas"), "replicas");
      expect("Recreate", map(spec, "strategy").get("type"), "strategy");
      if (!covers(map(map(spec, "selector"), "matchLabels"), map(template, "metadata"))) {
        say("its selector is not its pods'");
      }
      String port = port(container);
      String address = address(String.valueOf(container.get("name")), config);
      expect("0.0.0.0:" + port, address, "the address in kappa.yaml");
      for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
        Map<?, ?> get = map(map(container, probe), "httpGet");
        expect(portName(container), get.get("port"), probe + "'s port");
        if (!PATHS.contains(get.get("path"))) {
          say(probe + " asks for " + get.get("path") + ", which nothing serves");
        }
      }
      Map<?, ?> annotations = map(map(template, "metadata"), "annotations");
      if (!annotations.isEmpty()) {
        expect(port, annotations.get("prometheus.io/port"), "prometheus.io/port");
        expect("/metrics", annotations.get("prometheus.io/path"), "prometheus.io/path");
      }
    }
  }

  private static String port(Map<?, ?> container) {
    return String.valueOf(((Map<?, ?>) list(container, "ports").get(0)).get("containerPort"));
  }

  private static Object portName(Map<?, ?> container) {
    return ((Map<?, ?>) list(container, "ports").get(0)).get("name");
  }

  private static String address(String role, KappaConfig config) {
    return switch (role) {
      case "capture" -> config.capture().httpAddress();
      case "processor" -> config.processor().httpAddress();
      case "console" -> config.console().httpAddress();
      default -> "none";
    };
  }

  private void checkServices(KappaConfig config) {
    Set<String> urls = new TreeSet<>();
    for (Map<?, ?> service : ofKind("Service")) {
      Map<?, ?> spec = map(service, "spec");
      List<Map<?, ?>> chosen =
          workloads().stream()
              .filter(
                  workload ->
                      covers(
                          map(spec, "selector"),
                          map(map(map(workload, "spec"), "template"), "metadata")))
              .toList();
      if (chosen.size() != 1) {
        problems.add(name(service) + ": chooses " + chosen.size() + " workloads");
        continue;
      }
      Map<?, ?> pod = map(map(map(chosen.get(0), "spec"), "template"), "spec");
      Map<?, ?> container = (Map<?, ?>) list(pod, "containers").get(0);
      Map<?, ?> port = (Map<?, ?>) list(spec, "ports").get(0);
      if (!portName(container).equals(port.get("targetPort"))
          || !port(container).equals(String.valueOf(port.get("port")))) {
        problems.add(name(service) + ": leads to " + port + ", the container has another port");
      }
      urls.add("http://" + map(service, "metadata").get("name") + ":" + port.get("port"));
    }
    for (String url :
        List.of(
            String.valueOf(config.console().captureUrl()),
            String.valueOf(config.console().processorUrl()))) {
      if (!urls.contains(url)) {
        problems.add("kappa.yaml: the console asks " + url + ", which is no service");
      }
    }
  }

  /** Policies and budgets that choose nothing do nothing, and nobody says so. */
  private void checkPolicies() {
    Set<Object> components = new HashSet<>();
    Set<String> ports = new TreeSet<>(Set.of("53", "5432", "9092"));
    for (Map<?, ?> workload : workloads()) {
      Map<?, ?> template = map(map(workload, "spec"), "template");
      Map<?, ?> labels = map(map(template, "metadata"), "labels");
      if (!"kappa-cdc".equals(labels.get(PART_OF))) {
        problems.add(name(workload) + ": no policy has it");
      }
      components.add(labels.get(COMPONENT));
      Map<?, ?> container = (Map<?, ?>) list(map(template, "spec"), "containers").get(0);
      if (!list(container, "ports").isEmpty()) {
        ports.add(port(container));
        ports.add(String.valueOf(portName(container)));
      }
    }
    for (String kind : List.of("NetworkPolicy", "PodDisruptionBudget")) {
      ofKind(kind).forEach(object -> checkNames(name(object), object, components, ports));
    }
  }

  private void checkNames(String object, Object node, Set<?> components, Set<String> ports) {
    if (node instanceof List<?> all) {
      all.forEach(each -> checkNames(object, each, components, ports));
    } else if (node instanceof Map<?, ?> map) {
      Set<Object> named = new HashSet<>();
      if (map.containsKey(COMPONENT)) {
        named.add(map.get(COMPONENT));
      }
      if (COMPONENT.equals(map.get("key"))) {
        named.addAll(list(map, "values"));
      }
      named.removeAll(components);
      if (!named.isEmpty()) {
        problems.add(object + ": names " + named + ", which is no component");
      }
      if (map.containsKey("port") && !ports.contains(String.valueOf(map.get("port")))) {
        problems.add(object + ": names port " + map.get("port") + ", which nothing has");
      }
      map.values().forEach(each -> checkNames(object, each, components, ports));
    }
  }

  private String uid() {
    return found("--uid (\\d+)");
  }

  private String workDirectory() {
    return found("(?s).*\\nWORKDIR (\\S+)");
  }

  private String found(String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(dockerfile);
    return matcher.find() ? matcher.group(1) : "unknown";
  }

  private static boolean covers(Map<?, ?> selector, Map<?, ?> metadata) {
    return !selector.isEmpty()
        && map(metadata, "labels").entrySet().containsAll(selector.entrySet());
  }

  private List<Map<?, ?>> ofKind(String kind) {
    return objects.stream()
        .filter(object -> kind.equals(object.get("kind")))
        .<Map<?, ?>>map(object -> object)
        .toList();
  }

  private Map<?, ?> only(String kind) {
    return ofKind(kind).get(0);
  }

  private List<Object> names(String kind) {
    return ofKind(kind).stream()
        .<Object>map(object -> map(object, "metadata").get("name"))
        .toList();
  }

  private static String name(Map<?, ?> object) {
    Map<?, ?> metadata = map(object, "metadata");
    Object name =
        metadata.containsKey("name") ? metadata.get("name") : metadata.get("generateName");
    return object.get("kind") + " " + name;
  }

  private static Map<?, ?> map(Map<?, ?> parent, String key) {
    return parent.get(key) instanceof Map<?, ?> child ? child : Map.of();
  }

  private static List<?> list(Map<?, ?> parent, String key) {
    return parent.get(key) instanceof List<?> child ? child : List.of();
  }
}
