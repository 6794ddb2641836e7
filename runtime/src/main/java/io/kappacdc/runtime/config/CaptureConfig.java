package io.kappacdc.runtime.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;

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
                "Single message transforms applied to each row: a list of maps with `type` (the"
                    + " transform's class) and its options.")
        List<Map<String, String>> transforms,
    @Key(doc = "Heap of the capture process that `up` starts.", byDefault = "512MiB")
        DataSize heap) {
  /** What capture does about rows that exist before it starts. */
  public enum SnapshotMode {
    INITIAL,
    NO_DATA
  }
}
