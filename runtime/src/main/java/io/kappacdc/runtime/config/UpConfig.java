package io.kappacdc.runtime.config;

import java.time.Duration;

/** How {@code up} keeps capture and processor running. */
public record UpConfig(
    @Key(
            doc =
                "How often a process may end within five minutes and be started again; beyond that"
                    + " `up` gives up with the process's own words.",
            byDefault = "5")
        int restartsMax,
    @Key(
            doc = "The longest pause before a process is started again; the first is 500ms.",
            byDefault = "15s")
        Duration restartPauseMax) {}
