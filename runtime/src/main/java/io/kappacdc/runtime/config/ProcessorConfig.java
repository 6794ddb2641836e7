package io.kappacdc.runtime.config;

import org.jspecify.annotations.Nullable;

/** How changes get from Kafka to the sinks. */
public record ProcessorConfig(
    @Key(
            doc =
                "Spark master when not started by spark-submit, which brings its own. More threads than"
                    + " cores, since tasks also wait for stores.",
            byDefault = "local[4]")
        String master,
    @Key(doc = "Changes that one micro-batch takes at most.", byDefault = "200000")
        long maxChangesPerBatch,
    @Key(
            doc =
                "Local directory for mirrors' indexes that do not fit into memory; it holds no truth and"
                    + " may be lost. Default: processor/ in the home directory.")
        @Nullable String workDir,
    @Key(
            doc =
                "When a topic was made anew because Kafka had lost it: `stop`, or `resume` at its"
                    + " beginning once capture has restated all tables in it.",
            byDefault = "stop")
        OnGap onGap,
    @Key(
            doc =
                "Where the processor serves `/metrics`, `/health`, `/livez` and `/readyz`: host:port,"
                    + " port 0 for any that is free, or `off`.",
            byDefault = "127.0.0.1:0")
        String httpAddress,
    @Key(doc = "Heap of the processor process that `up` starts.", byDefault = "2GiB")
        DataSize heap) {
  public ProcessorConfig {
    ListenAddress.require("http-address", httpAddress);
  }

  /** What to do about a topic that was made anew. */
  public enum OnGap {
    STOP,
    RESUME
  }
}
