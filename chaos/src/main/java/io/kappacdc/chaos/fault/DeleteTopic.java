package io.kappacdc.chaos.fault;

import io.kappacdc.chaos.stack.Stack;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One table's topic is deleted. The processor refuses to go on in the topic that takes its place,
 * unless told so.
 */
final class DeleteTopic {
  private static final String TABLES = "pgsrc.public.";

  private DeleteTopic() {}

  static Fault ofWeight(int weight) {
    return new Gap(
        "delete-topic",
        weight,
        true,
        List.of("Kafka has lost events"),
        Map.of("KAPPA_PROCESSOR_ON_GAP", "resume"),
        DeleteTopic::delete);
  }

  private static String delete(Stack stack, Random random) throws Exception {
    List<String> topics = stack.broker().topics(TABLES);
    String topic = topics.get(random.nextInt(topics.size()));
    stack.broker().deleteTopic(topic);
    stack.gaps().topicLost(topic);
    return topic;
  }
}
