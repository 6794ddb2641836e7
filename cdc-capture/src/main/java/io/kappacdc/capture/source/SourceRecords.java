package io.kappacdc.capture.source;

import io.debezium.relational.RelationalChangeRecordEmitter;
import io.kappacdc.capture.resume.SourceTransaction;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Reads what Debezium's records say; the only place that knows their layout. */
public final class SourceRecords {
  /** What a record tells. */
  public enum Kind {
    /** A row read by the snapshot. */
    READ,
    /** A change within a transaction. */
    CHANGE,
    /** The end of a transaction. */
    END,
    /** A logical message. */
    MESSAGE,
    /** Nothing that capture needs: a transaction's begin, Debezium's own heartbeat. */
    OTHER
  }

  private static final String TRANSACTION_TOPIC = DebeziumSettings.TOPIC_PREFIX + ".transaction";
  private static final String MESSAGE_TOPIC = DebeziumSettings.TOPIC_PREFIX + ".message";

  private SourceRecords() {}

  public static Kind kind(SourceRecord record) {
    if (!(record.value() instanceof Struct value)) {
      return Kind.OTHER;
    }
    String topic = record.topic();
    if (topic.equals(TRANSACTION_TOPIC)) {
      return "END".equals(value.getString("status")) ? Kind.END : Kind.OTHER;
    }
    if (topic.equals(MESSAGE_TOPIC)) {
      return Kind.MESSAGE;
    }
    if (value.schema().field("after") == null) {
      return Kind.OTHER;
    }
    return value.getString("op").equals("r") ? Kind.READ : Kind.CHANGE;
  }

  /** One of Debezium's operation codes. */
  public static char operation(SourceRecord record) {
    return envelope(record).getString("op").charAt(0);
  }

  /** Whether a delete is the first half of an update that changed the key. */
  public static boolean leavesItsKey(SourceRecord record) {
    return record.headers().lastWithName(RelationalChangeRecordEmitter.PK_UPDATE_NEWKEY_FIELD)
        != null;
  }

  /** Whether a create is the second half of an update that changed the key, behind the delete. */
  public static boolean comesFromAnotherKey(SourceRecord record) {
    return record.headers().lastWithName(RelationalChangeRecordEmitter.PK_UPDATE_OLDKEY_FIELD)
        != null;
  }

  public static @Nullable Struct before(SourceRecord record) {
    return envelope(record).getStruct("before");
  }

  public static @Nullable Struct after(SourceRecord record) {
    return envelope(record).getStruct("after");
  }

  /** The schema of the rows in {@link #before} and {@link #after}. */
  public static Schema rowSchema(SourceRecord record) {
    return record.valueSchema().field("after").schema();
  }

  public static String schemaName(SourceRecord record) {
    return source(record).getString("schema");
  }

  public static String tableName(SourceRecord record) {
    return source(record).getString("table");
  }

  /** The source's transaction id; 0 when there is none. */
  public static long transactionId(SourceRecord record) {
    Long id = source(record).getInt64("txId");
    return id == null ? 0 : id;
  }

  /** Commit time of the transaction; for a snapshot the time of reading. */
  public static long commitMicros(SourceRecord record) {
    return source(record).getInt64("ts_us");
  }

  /** The LSN of a row read by a snapshot: the snapshot's own. */
  public static long snapshotLsn(SourceRecord record) {
    return source(record).getInt64("lsn");
  }

  /** Whether the record is the last of the snapshot. */
  public static boolean isLastOfSnapshot(SourceRecord record) {
    return "last".equals(source(record).getString("snapshot"));
  }

  /** The ended transaction, for people. */
  public static String transactionName(SourceRecord end) {
    return ((Struct) end.value()).getString("id");
  }

  /** The ended transaction. */
  public static SourceTransaction transaction(SourceRecord end) {
    Map<String, ?> offset = (Map<String, ?>) end.sourceOffset();
    Struct value = (Struct) end.value();
    long micros =
        offset.get("ts_usec") instanceof Number number
            ? number.longValue()
            : value.getInt64("ts_ms") * 1000;
    long xid = offset.get("txId") instanceof Number number ? number.longValue() : 0;
    return new SourceTransaction(xid, endLsn(end), micros, value.getInt64("event_count"));
  }

  /** The LSN behind the end of a transaction or behind a message. */
  public static long endLsn(SourceRecord record) {
    return ((Number) ((Map<String, ?>) record.sourceOffset()).get("lsn")).longValue();
  }

  /** Whether a message belongs to a transaction, so that its end counts it. */
  public static boolean isTransactional(SourceRecord message) {
    return source(message).getInt64("txId") != null;
  }

  /** What a message is about. */
  public static String messagePrefix(SourceRecord message) {
    return envelope(message).getStruct("message").getString("prefix");
  }

  /** What a message says, in UTF-8. */
  public static String messageText(SourceRecord message) {
    Object content = envelope(message).getStruct("message").get("content");
    return content instanceof ByteBuffer buffer
        ? StandardCharsets.UTF_8.decode(buffer.duplicate()).toString()
        : new String((byte[]) content, StandardCharsets.UTF_8);
  }

  /** When Debezium saw the message, at millisecond resolution. */
  public static long messageMicros(SourceRecord message) {
    return envelope(message).getInt64("ts_ms") * 1000;
  }

  private static Struct envelope(SourceRecord record) {
    return (Struct) record.value();
  }

  private static Struct source(SourceRecord record) {
    return envelope(record).getStruct("source");
  }
}
