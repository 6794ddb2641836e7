package io.kappacdc.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresProgramsTest {
  @TempDir Path cache;

  @Test
  void areUnpackedOnceWhenManyAskAtTheSameTime() throws Exception {
    // Given
    ExecutorService threads = Executors.newFixedThreadPool(2);

    // When
    var one = CompletableFuture.supplyAsync(() -> PostgresPrograms.in(cache), threads);
    var other = CompletableFuture.supplyAsync(() -> PostgresPrograms.in(cache), threads);

    // Then
    assertThat(one.join()).isEqualTo(other.join());
    assertThat(Commands.run(java.util.List.of(one.join().postgres(), "--version")).output())
        .contains("18.");
    try (Stream<Path> entries = Files.list(cache)) {
      assertThat(entries.filter(Files::isDirectory)).containsExactly(one.join().directory());
    }
    threads.shutdown();
  }
}
