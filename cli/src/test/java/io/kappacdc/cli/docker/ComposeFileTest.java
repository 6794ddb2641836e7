package io.kappacdc.cli.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.cli.docker.ComposeProject.Texts;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** docker-compose.yml and what belongs to it, without a Docker. */
class ComposeFileTest {
  private static final Path ROOT = Path.of(System.getProperty("kappa.root"));

  private static List<String> problems(Texts texts) {
    return new ComposeProject(ROOT, texts).problems();
  }

  @Test
  void nothingIsWrongWithIt() throws Exception {
    assertThat(problems(Texts.of(ROOT))).isEmpty();
  }

  @Test
  void whatUpDoesNotStartHasAProfile() throws Exception {
    ComposeProject project = new ComposeProject(ROOT, Texts.of(ROOT));

    assertThat(project.services("tools")).containsExactly("kappa");
    assertThat(project.services("load")).containsExactly("load");
  }

  /** Each check, on a file in which the thing is broken. */
  @ParameterizedTest(name = "{2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          services:                   | version: "3.9"\\nservices:     | version: docker-compose 1.29 refuses it, or v2 warns of it
          ${LOAD_RATE:-200}           | ${LOAD_SPEED:-200}            | ${LOAD_SPEED}: not in .env.example
          ${LOAD_RATE:-200}           | 200                           | LOAD_RATE: in .env.example, but nothing reads it
          ${LOAD_RATE:-200}           | ${LOAD_RATE:-300}             | LOAD_RATE: .env.example shows another default
          ${LOAD_RATE:-200}           | ${LOAD_RATE}                  | ${LOAD_RATE}: has neither a default nor a message
          ${LOAD_RATE:-200}           | $LOAD_RATE                    | ${LOAD_RATE}: has neither a default nor a message
          ${LOAD_RATE:-200}           | ${LOAD_RATE:?say how fast}    | LOAD_RATE: required, so .env.example leaves it empty
          ${PROCESSOR_HEAP:-2GiB}     | ${PROCESSOR_HEAP:-2G}         | processor: processor.heap: '2G' does not fit
          KAPPA_LAKE_PATH:            | KAPPA_LAKE_DIR:               | processor: KAPPA_LAKE_DIR is no key of the configuration
          KAPPA_CAPTURE_HEAP: 512MiB  | KAPPA_CAPTURE_HEAP: plenty    | capture: capture.heap: 'plenty' does not fit
          POSTGRES_PASSWORD: "${SINK_PASSWORD:?copy .env.example to .env and set it there}" | POSTGRES_PASSWORD: secret | sink: POSTGRES_PASSWORD is not just a required variable
          POSTGRES_PASSWORD: "${SINK_PASSWORD:?copy .env.example to .env and set it there}" | POSTGRES_PASSWORD: "${SINK_PASSWORD:-trail}" | sink: POSTGRES_PASSWORD is not just a required variable
          //sink:5432/trail           | //sink:5432/trail?password=x  | processor: KAPPA_SINK_URL has a password in it
          //source:5432/funds}        | //kappa:x@source:5432/funds}  | capture: KAPPA_SOURCE_URL has a password in it
          capture:\\n        condition | catcher:\\n        condition   | processor: depends on catcher, which is no service
          healthcheck: *postgres-works| labels: []                    | processor: waits for sink, which has no healthcheck
          127.0.0.1:${SINK_PORT:-15433}:5432 | ${SINK_PORT:-15433}:5432 | sink: publishes ${SINK_PORT:-15433}:5432 to everybody
          fund_samples.sql:           | fund_sample.sql:              | source: mounts ./sql/source/fund_sample.sql, which is not there
          - lake:/var/lib/kappa/lake  | - lakes:/var/lib/kappa/lake   | lakes: mounted, but not declared as a volume
          volumes:\\n  #               | volumes:\\n  more:\\n  #         | more: a volume that nothing mounts
          test: ["CMD", "/opt/kappa/health", "console"] | test: [] | console: has no healthcheck, and up starts it
          KAPPA_CAPTURE_HTTP_ADDRESS: 0.0.0.0:9404 | KAPPA_CAPTURE_HTTP_ADDRESS: 0.0.0.0:9504 | prometheus: scrapes capture:9404, where nothing is served
          http://processor:9405       | http://processor:9406         | console: asks http://processor:9406, where nothing is served
          KAPPA_CONSOLE_TOKEN: "${CONSOLE_TOKEN:?copy .env.example to .env and set it there}" | KAPPA_CONSOLE_TOKEN: let-me-have-a-look | console: KAPPA_CONSOLE_TOKEN is not just a required variable
          GF_SECURITY_ADMIN_PASSWORD: "${GRAFANA_PASSWORD:?copy .env.example to .env and set it there}" | GF_SECURITY_ADMIN_PASSWORD: "${GRAFANA_PASSWORD:-admin}" | grafana: GF_SECURITY_ADMIN_PASSWORD is not just a required variable
          127.0.0.1:${CONSOLE_PORT:-8090}:8090 | ${CONSOLE_PORT:-8090}:8090 | console: publishes ${CONSOLE_PORT:-8090}:8090 to everybody
          prometheus:\\n    image      | metrics:\\n    image           | grafana: reads from http://prometheus:9090, which is no service
          grafana:/etc/kappa/dashboards | grafana:/etc/dashboards     | grafana: looks for dashboards in /etc/kappa/dashboards, which is not mounted
          image: prom/prometheus:v3.13.2 | image: prom/prometheus:v3  | prometheus: its image has no fixed tag: prom/prometheus:v3
          mem_limit: 1536m            | labels: []                    | load: has no mem_limit
          pids_limit: 1024            | labels: []                    | processor: has no pids_limit
          image: apache/kafka:4.3.1   | image: apache/kafka:latest    | kafka: its image has no fixed tag: apache/kafka:latest
          image: apache/kafka:4.3.1   | image: apache/kafka:4.2.0     | apache/kafka:4.2.0: the build tests with 4.3.1
          image: postgres:18.6-trixie | image: postgres:17.11-trixie  | postgres:17.11-trixie: the build tests with 18.6-
          image: kappa-cdc-load:local | image: kappa-cdc:local        | kappa-cdc:local: built by several services at the same time
          image: kappa-cdc:local\\n    command: ["process"] | image: kappa:local\\n    command: ["process"] | kappa:local: built by no service
          target: load                | target: loader                | load: Dockerfile has no target loader
          """)
  void eachCheckSeesWhatItIsFor(String sound, String broken, String problem) throws Exception {
    Texts good = Texts.of(ROOT);
    assertThat(good.compose()).contains(lines(sound));

    String compose =
        good.compose()
            .replaceFirst(Pattern.quote(lines(sound)), Matcher.quoteReplacement(lines(broken)));

    assertThat(problems(new Texts(compose, good.example(), good.dockerfile(), good.pom())))
        .anySatisfy(found -> assertThat(found).startsWith(problem));
  }

  @Test
  void seesAModuleThatTheDockerfileForgets() throws Exception {
    Texts good = Texts.of(ROOT);

    String pom = good.pom().replace("</modules>", "<module>archive</module></modules>");

    assertThat(problems(new Texts(good.compose(), good.example(), good.dockerfile(), pom)))
        .containsExactly("Dockerfile: lacks COPY archive/pom.xml archive/");
  }

  @Test
  void seesAnImageThatRunsAsRoot() throws Exception {
    Texts good = Texts.of(ROOT);

    String dockerfile = good.dockerfile().replace("USER kappa\n", "");

    assertThat(problems(new Texts(good.compose(), good.example(), dockerfile, good.pom())))
        .containsExactly("Dockerfile: the image runs as root");
  }

  private static String lines(String text) {
    return text.replace("\\n", "\n");
  }
}
