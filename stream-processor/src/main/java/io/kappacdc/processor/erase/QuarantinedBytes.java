package io.kappacdc.processor.erase;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kappacdc.event.Lsn;
import io.kappacdc.event.Position;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record of a table's topic that could not be read, with all that may tell whose it is.
 *
 * @param key as in Kafka; null if it has none
 * @param value as in Kafka; null if it has none
 */
@SuppressWarnings("ArrayRecordComponent")
public record QuarantinedBytes(
    int partition, long offset, byte @Nullable [] key, byte @Nullable [] value) {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** Whether its key or its value, read as ours, is of the person. */
  public boolean isOf(Lives lives, List<String> keyColumns) {
    @Nullable JsonNode event = json(value);
    Position position = event == null ? null : position(event);
    List<@Nullable RowKey> keys = new ArrayList<>();
    keys.add(key(json(key), keyColumns));
    if (event != null) {
      keys.add(key(event.get("before"), keyColumns));
      keys.add(key(event.get("after"), keyColumns));
    }
    for (RowKey found : keys) {
      if (found != null
          && (position == null
              ? lives.keys().contains(found)
              : lives.have(found, found, position))) {
        return true;
      }
    }
    return false;
  }

  /** Whether it has all texts of one of the person's keys somewhere, as whole words. */
  public boolean contains(Lives lives) {
    String text = text(key) + '\n' + text(value);
    return lives.keys().stream()
        .anyMatch(one -> one.texts().stream().allMatch(part -> WholeText.isIn(text, part)));
  }

  private static String text(byte @Nullable [] bytes) {
    return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
  }

  private static @Nullable JsonNode json(byte @Nullable [] bytes) {
    try {
      return bytes == null ? null : JSON.readTree(bytes);
    } catch (IOException e) {
      return null;
    }
  }

  private static @Nullable Position position(JsonNode event) {
    try {
      return new Position(Lsn.parse(event.path("lsn").asText()), event.path("ord").asLong());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static @Nullable RowKey key(@Nullable JsonNode image, List<String> columns) {
    List<String> texts = new ArrayList<>();
    for (String column : columns) {
      JsonNode value = image == null ? null : image.get(column);
      if (value == null || !value.isValueNode() || value.isNull()) {
        return null;
      }
      texts.add(text(value));
    }
    return new RowKey(texts);
  }

  /** PostgreSQL's text of a value of an image. */
  public static String text(JsonNode value) {
    if (value.isBoolean()) {
      return value.asBoolean() ? "t" : "f";
    }
    return value.isNumber() ? value.decimalValue().toPlainString() : value.asText();
  }
}
