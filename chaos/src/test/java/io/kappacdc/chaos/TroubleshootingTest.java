package io.kappacdc.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.chaos.fault.Fault;
import io.kappacdc.chaos.fault.Faults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TroubleshootingTest {
  static Iterable<String> faults() {
    return Faults.all().stream().map(Fault::name).toList();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void saysWhatAPersonDoesAtEachFault(String fault) throws IOException {
    assertThat(Files.readString(Path.of("../docs/troubleshooting.md")).lines())
        .filteredOn(line -> line.startsWith("|") && line.contains('`' + fault + '`'))
        .as("lines of the table with %s", fault)
        .hasSize(1);
  }
}
