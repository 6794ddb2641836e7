package io.kappacdc.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MetricsReferenceTest {
  @Test
  void pageInTheDocsIsWhatTheCodeDeclares() throws IOException {
    Path page = Path.of(System.getProperty("kappa.root"), "docs", "metrics.md");
    if (Boolean.getBoolean("kappa.regenerate")) {
      Files.writeString(page, MetricsReference.markdown());
    }

    assertThat(Files.readString(page)).isEqualTo(MetricsReference.markdown());
  }
}
