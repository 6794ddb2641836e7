package io.kappacdc.stack;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A running Kafka cluster of several brokers on the loopback interface, each in a JVM of its own
 * and a controller as well. Three or more go on without one of them: topics have up to three
 * replicas, of which two must have what is acknowledged.
 *
 * <p>Thread-safe.
 */
public final class EmbeddedKafkaCluster implements AutoCloseable {
  private final List<EmbeddedKafka> brokers;

  private EmbeddedKafkaCluster(List<EmbeddedKafka> brokers) {
    this.brokers = List.copyOf(brokers);
  }

  /**
   * Starts new brokers and returns once all of them serve clients.
   *
   * @param directory of this cluster alone, with a directory for each broker in it
   * @param heap of each broker, as -Xmx takes it
   * @throws io.kappacdc.runtime.KappaException when one of them cannot start
   */
  public static EmbeddedKafkaCluster start(Path directory, int brokers, String heap) {
    Optional<String> clusterId = Optional.of(newClusterId());
    List<Integer> controllerPorts =
        IntStream.generate(LoopbackPorts::findFree).distinct().limit(brokers).boxed().toList();
    Map<String, String> settings = KafkaSettings.replicated(brokers);
    List<CompletableFuture<EmbeddedKafka>> starting =
        IntStream.rangeClosed(1, brokers)
            .mapToObj(
                id ->
                    EmbeddedKafka.builder(directory.resolve("broker-" + id))
                        .heap(heap)
                        .settings(settings)
                        .member(new KafkaSettings.Member(id, clusterId, controllerPorts)))
            .map(
                builder -> CompletableFuture.supplyAsync(builder::start, EmbeddedKafkaCluster::run))
            .toList();
    return new EmbeddedKafkaCluster(started(starting));
  }

  /** A thread each: none of them is ready before most of them are. */
  private static void run(Runnable start) {
    new Thread(start, "start-broker").start();
  }

  private static List<EmbeddedKafka> started(List<CompletableFuture<EmbeddedKafka>> starting) {
    List<EmbeddedKafka> started = new ArrayList<>();
    RuntimeException failure = null;
    for (CompletableFuture<EmbeddedKafka> one : starting) {
      try {
        started.add(one.join());
      } catch (CompletionException e) {
        failure = e.getCause() instanceof RuntimeException known ? known : e;
      }
    }
    if (failure != null) {
      started.forEach(EmbeddedKafka::kill);
      throw failure;
    }
    return started;
  }

  /** 16 bytes at random, as Kafka writes them. */
  private static String newClusterId() {
    UUID id = UUID.randomUUID();
    byte[] bytes =
        ByteBuffer.allocate(16)
            .putLong(id.getMostSignificantBits())
            .putLong(id.getLeastSignificantBits())
            .array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Where clients begin: at any of the brokers. */
  public String bootstrapServers() {
    return brokers.stream().map(EmbeddedKafka::bootstrapServers).collect(Collectors.joining(","));
  }

  /** The brokers in the order of their ids, which begin at 1; those that were killed, too. */
  public List<EmbeddedKafka> brokers() {
    return brokers;
  }

  /** Stops all brokers at once: the last ones would find no others to agree with. */
  @Override
  public void close() {
    CompletableFuture.allOf(
            brokers.stream()
                .map(broker -> CompletableFuture.runAsync(broker::stop, EmbeddedKafkaCluster::run))
                .toArray(CompletableFuture<?>[]::new))
        .join();
  }
}
