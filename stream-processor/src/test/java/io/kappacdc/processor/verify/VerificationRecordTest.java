package io.kappacdc.processor.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kappacdc.runtime.KappaHome;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a verification leaves for the console. */
class VerificationRecordTest {
  @TempDir Path directory;
  private final StringWriter said = new StringWriter();

  @Test
  void theLastVerdictIsInTheHomeWithItsTime() throws Exception {
    KappaHome home = new KappaHome(directory.resolve("home"));
    Instant before = Instant.now();

    VerificationRecord.write(home, "{\"verdict\":\"mismatch\"}", new PrintWriter(said, true));
    VerificationRecord.write(
        home, ReportJson.notVerified("why", "what to do"), new PrintWriter(said, true));

    JsonNode record = new ObjectMapper().readTree(home.resolve("verification.json").toFile());
    assertThat(record.at("/report/verdict").asText()).isEqualTo("not-verified");
    assertThat(record.at("/report/reason").asText()).isEqualTo("why");
    assertThat(Instant.parse(record.get("endedAt").asText())).isBetween(before, Instant.now());
    assertThat(home.directory()).isDirectoryNotContaining("glob:**.new");
    assertThat(said.toString()).isEmpty();
  }

  @Test
  void whatCannotBeNotedIsSaid() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "");

    VerificationRecord.write(new KappaHome(file), "{}", new PrintWriter(said, true));

    assertThat(said.toString()).contains("the verdict was not noted for the console");
  }
}
