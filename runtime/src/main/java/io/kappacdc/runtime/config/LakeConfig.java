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
        Duration cutInterval) {}
