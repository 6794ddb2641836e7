package io.kappacdc.runtime.config;

import org.jspecify.annotations.Nullable;

/** The Delta Lake. */
public record LakeConfig(
    @Key(
            doc =
                "Directory or URI of the lake; trail/ and mirror/ go below it. Default: lake/ in the"
                    + " home directory.")
        @Nullable String path) {}
