package io.kappacdc.processor.stream;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plans where a query begins to read: at a sink's own positions, and at the beginning of what the
 * sink has never seen. Refuses where Kafka no longer has what comes next.
 */
final class StartingOffsets {
  private static final Logger LOG = LoggerFactory.getLogger(StartingOffsets.class);
  private static final long TIMEOUT_SECONDS = 60;

  private StartingOffsets() {}

  /** The offsets that a partition has: from {@code earliest}, before {@code latest}. */
  private record Extent(long earliest, long latest) {}

  /**
   * Where to begin in all topics that match.
   *
   * @param positions where the sink is
   * @throws GapException if a topic no longer has, or does not yet have, the record at a position
   */
  static Offsets plan(
      KafkaSettings kafka, String topicPattern, Map<TopicPartition, SinkPosition> positions) {
    Offsets plan = new Offsets();
    Map<TopicPartition, SinkPosition> withLastRead = new HashMap<>();
    extents(kafka, topicPattern)
        .forEach(
            (partition, extent) -> {
              SinkPosition position = positions.get(partition);
              plan.put(
                  partition.topic(), partition.partition(), start(partition, extent, position));
              if (position != null && position.lastOffset() >= extent.earliest()) {
                withLastRead.put(partition, position);
              }
            });
    LastRead.require(kafka, withLastRead);
    return plan;
  }

  private static long start(
      TopicPartition partition, Extent extent, @Nullable SinkPosition position) {
    if (position == null) {
      if (extent.earliest() > 0) {
        LOG.warn(
            "The topic no longer reaches back to its beginning: {} earliestOffset={}",
            partition,
            extent.earliest());
      }
      return extent.earliest();
    }
    long next = position.nextOffset();
    if (next < extent.earliest()) {
      throw GapException.expired(partition, extent.earliest(), extent.latest(), next);
    }
    if (next > extent.latest()) {
      throw GapException.madeAnew(partition, extent.earliest(), extent.latest(), next);
    }
    return next;
  }

  /** The first offset of each partition of the topics that match. */
  static Map<TopicPartition, Long> earliest(KafkaSettings kafka, String topicPattern) {
    Map<TopicPartition, Long> earliest = new HashMap<>();
    extents(kafka, topicPattern)
        .forEach((partition, extent) -> earliest.put(partition, extent.earliest()));
    return earliest;
  }

  private static Map<TopicPartition, Extent> extents(KafkaSettings kafka, String topicPattern) {
    Pattern pattern = Pattern.compile(topicPattern);
    try (Admin admin = Admin.create(kafka.admin())) {
      List<String> names =
          await(admin.listTopics().names()).stream()
              .filter(name -> pattern.matcher(name).matches())
              .toList();
      List<TopicPartition> partitions =
          await(admin.describeTopics(names).allTopicNames()).values().stream()
              .flatMap(StartingOffsets::partitions)
              .toList();
      Map<TopicPartition, Long> earliest = offsets(admin, partitions, OffsetSpec.earliest());
      Map<TopicPartition, Long> latest = offsets(admin, partitions, OffsetSpec.latest());
      Map<TopicPartition, Extent> extents = new HashMap<>();
      earliest.forEach((tp, offset) -> extents.put(tp, new Extent(offset, latest.get(tp))));
      return extents;
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(
          "Kafka at " + kafka.bootstrapServers() + " does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while asking Kafka for topics", e);
    }
  }

  private static Stream<TopicPartition> partitions(TopicDescription topic) {
    return topic.partitions().stream()
        .map(partition -> new TopicPartition(topic.name(), partition.partition()));
  }

  private static Map<TopicPartition, Long> offsets(
      Admin admin, List<TopicPartition> partitions, OffsetSpec spec)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<org.apache.kafka.common.TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(
        tp ->
            wanted.put(
                new org.apache.kafka.common.TopicPartition(tp.topic(), tp.partition()), spec));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    await(admin.listOffsets(wanted).all())
        .forEach(
            (tp, result) ->
                offsets.put(new TopicPartition(tp.topic(), tp.partition()), result.offset()));
    return offsets;
  }

  private static <T> T await(KafkaFuture<T> answer)
      throws ExecutionException, TimeoutException, InterruptedException {
    return answer.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }
}
