package io.kappacdc.capture;

import io.kappacdc.stack.EmbeddedKafka;
import io.kappacdc.stack.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TimeZone;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One real PostgreSQL and one real Kafka for all tests of a run. */
public final class TestServers implements ParameterResolver {
  /** What tests get as a parameter. */
  public record Servers(EmbeddedPostgres postgres, EmbeddedKafka kafka) implements AutoCloseable {
    static Servers start() {
      TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
      try {
        Path home = Files.createTempDirectory("capture-test");
        var postgres =
            CompletableFuture.supplyAsync(
                () ->
                    EmbeddedPostgres.builder(home.resolve("source"))
                        .setting("fsync", "off")
                        .setting("max_replication_slots", "50")
                        .setting("max_wal_senders", "50")
                        .start());
        EmbeddedKafka kafka =
            EmbeddedKafka.builder(home.resolve("kafka"))
                .jvmOptions("-XX:TieredStopAtLevel=1")
                .start();
        return new Servers(postgres.join(), kafka);
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      kafka.close();
      postgres.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext extension) {
    return parameter.getParameter().getType() == Servers.class;
  }

  @Override
  public Servers resolveParameter(ParameterContext parameter, ExtensionContext extension) {
    return extension
        .getRoot()
        .getStore(Namespace.create(TestServers.class))
        .getOrComputeIfAbsent(Servers.class, key -> Servers.start(), Servers.class);
  }
}
