package io.kappacdc.cli.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessLogTest {
  @TempDir Path directory;

  @Test
  void copiesEverythingAndTellsEachLine() throws IOException {
    List<String> lines = new ArrayList<>();
    Path file = directory.resolve("logs/a.log");
    ProcessLog log = new ProcessLog(file);

    log.copy(input("one\r\ntwo ü\nrest without end"), lines::add);

    assertThat(lines).containsExactly("one", "two ü");
    assertThat(log.tail()).containsExactly("one", "two ü");
    assertThat(file).hasContent("one\r\ntwo ü\nrest without end");
  }

  @Test
  void keepsTheFilesAndTheMemoryBounded() throws IOException {
    Path file = directory.resolve("a.log");
    byte[] flood = new byte[40 << 20];
    java.util.Arrays.fill(flood, (byte) 'x');

    ProcessLog log = new ProcessLog(file);
    log.copy(new ByteArrayInputStream(flood), line -> {});

    assertThat(Files.size(file)).isLessThan(17 << 20);
    assertThat(Files.size(directory.resolve("a.log.1"))).isLessThan(17 << 20);
    assertThat(directory.toFile().list()).hasSize(2);
  }

  private static ByteArrayInputStream input(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
