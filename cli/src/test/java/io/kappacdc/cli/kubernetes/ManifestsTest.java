package io.kappacdc.cli.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** deploy/kubernetes, without a cluster. */
class ManifestsTest {
  private static final Path ROOT = Path.of(System.getProperty("kappa.root"));

  private static Map<String, String> files() throws IOException {
    return Manifests.files(ROOT.resolve("deploy/kubernetes"));
  }

  private static List<String> problems(Map<String, String> files) throws IOException {
    return new Manifests(
            files,
            Files.readString(ROOT.resolve("Dockerfile")),
            Files.readString(ROOT.resolve("docker-compose.yml")))
        .problems();
  }

  @Test
  void nothingIsWrongWithThem() throws Exception {
    assertThat(problems(files())).isEmpty();
  }

  /** Each check, on a file in which the thing is broken. */
  @ParameterizedTest(name = "{3}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          capture.yaml       | replicas: 1          | replica: 1             | apps/v1 Deployment: Unrecognized field "replica"
          capture.yaml       | failureThreshold: 6  | failureTreshold: 6     | apps/v1 Deployment: Unrecognized field "failureTreshold"
          capture.yaml       | containerPort: 9404  | containerPort: "9404"  | apps/v1 Deployment: Cannot coerce String value
          capture.yaml       | cpu: "1"             | cpus: "1"              | Deployment kappa-capture: no limits of cpu
          capture.yaml       | value: 512MiB        | value: 512             | apps/v1 Deployment: Cannot coerce Integer value (512)
          capture.yaml       | io/port: "9404"      | io/port: 9404          | apps/v1 Deployment: Cannot coerce Integer value (9404)
          capture.yaml       | io/port: "9404"      | io/port: "9405"        | Deployment kappa-capture: prometheus.io/port is 9405, not 9404
          capture.yaml       | apps/v1              | extensions/v1beta1     | extensions/v1beta1 Deployment: not known here
          capture.yaml       | name: kappa-capture  | namespace: default     | Deployment null: has a namespace
          capture.yaml       | path: /livez         | path: /alive           | Deployment kappa-capture: startupProbe asks for /alive, which nothing serves
          capture.yaml       | port: metrics        | port: http             | Deployment kappa-capture: startupProbe's port is http, not metrics
          capture.yaml       | type: Recreate       | type: RollingUpdate    | Deployment kappa-capture: strategy is RollingUpdate, not Recreate
          capture.yaml       | runAsUser: 10001     | runAsUser: 1000        | Deployment kappa-capture: runAsUser is 1000, not 10001
          capture.yaml       | Filesystem: true     | Filesystem: false      | Deployment kappa-capture: readOnlyRootFilesystem is false, not true
          capture.yaml       | ServiceLinks: false  | ServiceLinks: true     | Deployment kappa-capture: enableServiceLinks is true, not false
          capture.yaml       | name: KAPPA_CAPTURE_HEAP | name: CAPTURE_HEAP | Deployment kappa-capture: CAPTURE_HEAP is no key of the configuration
          capture.yaml       | key: source-password | key: password          | Deployment kappa-capture: KAPPA_SOURCE_PASSWORD is from
          capture.yaml       | mountPath: /tmp      | mountPath: /temp       | Deployment kappa-capture: mounts nothing at /tmp
          capture.yaml       | image: kappa-cdc:local | image: kappa:local   | Deployment kappa-capture: image kappa:local is not what the build makes
          capture.yaml       | targetPort: metrics  | targetPort: http       | Service kappa-capture: leads to
          processor.yaml     | claimName: kappa-lake | claimName: lake       | Deployment kappa-processor: mounts lake, which is no claim
          configmap.yaml     | bootstrap-servers:   | bootstrap-server:      | kappa.yaml: kafka.bootstrap-server
          configmap.yaml     | 0.0.0.0:9404         | 0.0.0.0:9504           | Deployment kappa-capture: the address in kappa.yaml is 0.0.0.0:9504, not 0.0.0.0:9404
          configmap.yaml     | //kappa-capture:9404 | //capture:9404         | kappa.yaml: the console asks http://capture:9404, which is no service
          configmap.yaml     | /var/lib/kappa/lake  | /var/lib/lake          | Deployment kappa-processor: mounts nothing at /var/lib/lake, which is lake.path
          networkpolicy.yaml | values: [capture     | values: [catcher       | NetworkPolicy kappa-metrics: names [catcher], which is no component
          networkpolicy.yaml | port: metrics        | port: metric           | NetworkPolicy kappa-metrics: names port metric, which nothing has
          kustomization.yaml | - volumes.yaml       | - volume.yaml          | kustomization.yaml: lists
          """)
  void eachCheckSeesWhatItIsFor(String file, String sound, String broken, String problem)
      throws Exception {
    Map<String, String> files = files();
    String good = files.get(file);
    assertThat(good).contains(sound);

    int at = good.indexOf(sound);
    files.put(file, good.substring(0, at) + broken + good.substring(at + sound.length()));

    assertThat(problems(files)).anySatisfy(found -> assertThat(found).startsWith(problem));
  }

  /** Prometheus' jobs are named by what the pods say of themselves; the alerts rely on it. */
  @Test
  void jobsInPrometheusAreThoseOfTheAlerts() throws Exception {
    String scrape = Files.readString(ROOT.resolve("monitoring/prometheus-kubernetes.yml"));
    String alerts = Files.readString(ROOT.resolve("monitoring/alerts.yml"));

    assertThat(scrape)
        .contains("__meta_kubernetes_pod_label_app_kubernetes_io_component", "kappa-$1")
        .contains("__meta_kubernetes_pod_annotation_prometheus_io_scrape");
    for (String role : List.of("capture", "processor")) {
      assertThat(files().get(role + ".yaml"))
          .contains(
              "app.kubernetes.io/component: " + role + "\n", "prometheus.io/scrape: \"true\"");
      assertThat(alerts).contains("job=\"kappa-" + role + '"');
    }
    assertThat(files().get("console.yaml")).doesNotContain("prometheus.io/scrape");
  }
}
