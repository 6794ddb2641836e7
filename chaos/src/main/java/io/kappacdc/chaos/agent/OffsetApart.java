package io.kappacdc.chaos.agent;

import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Sends capture's offset outside the transaction of its events, with a producer of its own. Knows
 * Kafka's client by reflection alone: the agent's jar does not have it. One thread publishes.
 */
public final class OffsetApart {
  private static final String OFFSETS_TOPIC = "-kappa-offsets";

  /** Between the offset and its events, whichever comes first. */
  static final String POINT = "offset-apart";

  private static @Nullable Object apart;
  private static @Nullable Object held;

  private OffsetApart() {}

  /** Whether capture is about to send its offset. */
  public static boolean isOffset(Object producer, Object record) {
    return producer != apart && isOffset(record);
  }

  static boolean isOffset(Object record) {
    return String.valueOf(call(record, "topic")).endsWith(OFFSETS_TOPIC);
  }

  /** Sends a record on its own and waits until Kafka has it. */
  private static Object send(Object producer, Object record) {
    try {
      if (apart == null) {
        apart = plain(producer);
      }
      Object result =
          producer.getClass().getMethod("send", record.getClass()).invoke(apart, record);
      ((Future<?>) result).get();
      return result;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Sends a record on its own, before the events that it stands for. */
  public static Object sendEarly(Object producer, Object record) {
    Object result = send(producer, record);
    FailPoints.hit(POINT, "");
    return result;
  }

  /** Keeps a record for {@link #sendHeld}. */
  public static boolean hold(Object record) {
    held = record;
    return true;
  }

  /** Sends what is kept. */
  public static void sendHeld(Object producer) {
    Object record = held;
    held = null;
    if (record != null) {
      FailPoints.hit(POINT, "");
      send(producer, record);
    }
  }

  /** A producer like this one, without transactions. */
  private static Object plain(Object producer) throws Exception {
    Field config = producer.getClass().getDeclaredField("producerConfig");
    config.setAccessible(true);
    Map<Object, Object> settings =
        new HashMap<>((Map<?, ?>) call(config.get(producer), "originals"));
    settings.remove("transactional.id");
    settings.remove("transaction.timeout.ms");
    settings.remove("client.id");
    return producer.getClass().getConstructor(Map.class).newInstance(settings);
  }

  private static Object call(Object target, String method) {
    try {
      return target.getClass().getMethod(method).invoke(target);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(method, e);
    }
  }
}
