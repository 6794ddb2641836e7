package io.kappacdc.runtime.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The Delta Lake. */
public record LakeConfig(
    @Key(
            doc =
                "Directory or URI of the lake; trail/ and mirror/ go below it. Default: lake/ in the"
                    + " home directory.")
        @Nullable String path,
    @Key(
            doc =
                "How often each lake sink records a moment of the source at most, for `--as-of-lsn`"
                    + " and `--as-of-time`; 0s for after each batch.",
            byDefault = "1s")
        Duration cutInterval,
    @Key(
            doc =
                "How mirrors are written. index: by an index of keys and deletion vectors, at a cost"
                    + " that follows the changes. merge: by Delta's MERGE, at a cost that follows the"
                    + " mirror's size.",
            byDefault = "index")
        MirrorWriter mirrorWriter,
    @Key(
            doc =
                "Memory for the mirrors' indexes, part of processor.heap; about 30 bytes a row with a"
                    + " whole number as key, more with other keys. Larger indexes go to disk, below"
                    + " processor.work-dir if that is local.",
            byDefault = "256MiB")
        DataSize mirrorIndexMemory,
    @Key(
            doc =
                "How long earlier versions of the mirrors can be read; after it their files are"
                    + " removed. Every change leaves some: longer takes room in proportion.",
            byDefault = "6h")
        Duration mirrorHistory) {
  private static final Duration HISTORY_MIN = Duration.ofHours(1);

  public LakeConfig {
    if (mirrorHistory.compareTo(HISTORY_MIN) < 0) {
      throw new IllegalArgumentException(
          "mirror-history: at least 1h, so that no file in the making is removed");
    }
  }

  /** What finds the rows of a mirror that changes replace. */
  public enum MirrorWriter {
    INDEX,
    MERGE
  }
}
