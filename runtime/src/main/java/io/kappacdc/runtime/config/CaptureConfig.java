package io.kappacdc.runtime.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How changes get from the write-ahead log to Kafka. */
public record CaptureConfig(
    @Key(
            doc =
                "`initial`: read the tables' rows first, then stream; `no_data`: stream from now on"
                    + " without them.",
            byDefault = "initial")
        SnapshotMode snapshotMode,
    @Key(
            doc =
                "How often an idle source is asked for a sign of life, so that its slot advances.",
            byDefault = "5s")
        Duration heartbeatInterval,
    @Key(
            doc =
                "Memory for the changes of open transactions; what exceeds it goes to a temporary file.",
            byDefault = "64MiB")
        DataSize transactionBuffer,
    @Key(
            doc =
                "Events that one Kafka transaction takes. A source transaction that is larger takes"
                    + " several, and becomes visible in parts; at most 4GiB.",
            byDefault = "256MiB")
        DataSize kafkaTransactionMax,
    @Key(
            doc =
                "What to do when changes are lost between what Kafka has and what the source or Kafka"
                    + " still hold (slot gone, invalidated or moved by others; source restored or"
                    + " replaced; topic deleted): `stop` with an error, or `resnapshot`: read all"
                    + " tables anew and go on.",
            byDefault = "stop")
        OnGap onGap,
    @Key(
            doc =
                "Single message transforms applied to each row: a list of maps with `type` (the"
                    + " transform's class) and its options.")
        List<Map<String, String>> transforms,
    @Key(
            doc =
                "What becomes of columns before they enter Kafka, the first entry that matches a column"
                    + " decides: see [columns.md](columns.md).")
        List<ColumnConfig> columns,
    @Key(
            doc =
                "Secret key of the policy `hash`, at least 32 characters; better in the environment or a"
                    + " file of its own than here.",
            secret = true)
        @Nullable String hashKey,
    @Key(doc = "File with that key instead.") @Nullable String hashKeyFile,
    @Key(
            doc =
                "Where capture serves `/metrics`, `/health`, `/livez` and `/readyz`: host:port, port 0 for"
                    + " any that is free, or `off`.",
            byDefault = "127.0.0.1:0")
        String httpAddress,
    @Key(doc = "Heap of the capture process that `up` starts.", byDefault = "512MiB")
        DataSize heap) {
  /** What capture does about rows that exist before it starts. */
  public enum SnapshotMode {
    INITIAL,
    NO_DATA
  }

  /** What capture does when going on would leave a gap. */
  public enum OnGap {
    STOP,
    RESNAPSHOT
  }

  /** What is shorter can be guessed, and with it every value. */
  public static final int HASH_KEY_LENGTH_MIN = 32;

  /** A Kafka transaction of this size is published before the broker's 15 minutes are over. */
  private static final long KAFKA_TRANSACTION_BYTES_MAX = 4L << 30;

  public CaptureConfig {
    ListenAddress.require("http-address", httpAddress);
    columns = List.copyOf(columns);
    if (hashKey != null && hashKeyFile != null) {
      throw new IllegalArgumentException("hash-key: give it or hash-key-file, not both");
    }
    if (hashKey != null && hashKey.length() < HASH_KEY_LENGTH_MIN) {
      throw new IllegalArgumentException(
          "hash-key: expected at least " + HASH_KEY_LENGTH_MIN + " characters");
    }
    if (kafkaTransactionMax.bytes() < 1
        || kafkaTransactionMax.bytes() > KAFKA_TRANSACTION_BYTES_MAX) {
      throw new IllegalArgumentException("kafka-transaction-max: expected a size from 1B to 4GiB");
    }
  }
}
