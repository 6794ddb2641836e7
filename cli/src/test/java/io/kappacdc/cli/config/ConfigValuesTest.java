package io.kappacdc.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.config.ConfigLoader;
import io.kappacdc.runtime.config.KappaConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigValuesTest {
  @Test
  void valuesMakeTheSameConfigurationAgain() {
    KappaConfig config =
        new ConfigLoader()
            .flags(
                Map.of(
                    "source.url", "jdbc:postgresql://h/d",
                    "source.password", "geheim",
                    "kafka.retention", "7d",
                    "capture.snapshot-mode", "no_data",
                    "processor.heap", "1000B"))
            .load();

    Map<String, String> values = ConfigValues.of(config);

    assertThat(new ConfigLoader().flags(values).load()).isEqualTo(config);
    assertThat(values)
        .containsEntry("kafka.heap", "512MiB")
        .doesNotContainKeys("sink.url", "capture.transforms");
  }

  private static final KappaConfig WITH_LISTS =
      new ConfigLoader()
          .flags(
              Map.of(
                  "kafka.retention",
                  "forever",
                  "capture.hash-key",
                  "geheim".repeat(6),
                  "capture.transforms",
                  "[{type: 'X$Value', spec: 'a:int32'}]",
                  "capture.columns",
                  "[{match: '.*\\.\"E mail\"', policy: mask, text: \"a\\nb\\\"\"},"
                      + " {match: a.b.c, policy: truncate, length: 2}]"))
          .load();

  @Test
  void theEnvironmentMakesTheSameConfigurationAgain() {
    Map<String, String> environment = ConfigValues.asEnvironment(ConfigValues.of(WITH_LISTS));

    assertThat(environment).containsEntry("KAPPA_KAFKA_TOPIC_PREFIX", "pgsrc");
    assertThat(new ConfigLoader().environment(environment).load()).isEqualTo(WITH_LISTS);
  }

  @Test
  void theStackFileMakesTheSameConfigurationAgain(@TempDir Path directory) {
    KappaHome home = new KappaHome(directory);

    home.writeStack(1, ConfigValues.of(WITH_LISTS));

    assertThat(WITH_LISTS.capture().columns()).hasSize(2);
    assertThat(new ConfigLoader().file(home.stackFile()).load()).isEqualTo(WITH_LISTS);
  }

  @Test
  void maskedValuesShowNoPassword() {
    Map<String, String> masked =
        ConfigValues.masked(
            Map.of(
                "sink.password", "geheim",
                "capture.hash-key", "geheim",
                "source.url", "jdbc:postgresql://h/d?user=u&password=geheim&ssl=true"));

    assertThat(masked)
        .containsEntry("sink.password", "********")
        .containsEntry("capture.hash-key", "********")
        .containsEntry("source.url", "jdbc:postgresql://h/d?user=u&password=********&ssl=true");
  }

  @Test
  void userAndPasswordMoveOutOfTheUrl() {
    Map<String, String> values = new HashMap<>();
    values.put(
        "source.url", "jdbc:postgresql://h:5433/d?user=app&ssl=true&password=p%40ss+word%25");

    DatabaseUrl.normalize(values, "source");

    assertThat(values)
        .containsEntry("source.url", "jdbc:postgresql://h:5433/d?ssl=true")
        .containsEntry("source.user", "app")
        .containsEntry("source.password", "p@ss+word%");
  }

  @Test
  void aUrlOfSomethingElseIsRefused() {
    assertThatExceptionOfType(KappaException.class)
        .isThrownBy(() -> DatabaseUrl.parse("postgres://h/d"))
        .satisfies(
            e -> {
              assertThat(e.reason()).isEqualTo("its URL does not start with jdbc:postgresql:");
              assertThat(e.remedy()).contains("jdbc:postgresql://host:5432/database");
            });
  }
}
