package io.kappacdc.runtime.config;

import org.jspecify.annotations.Nullable;

/** The PostgreSQL that holds the trail. */
public record SinkConfig(
    @Key(
            doc =
                "JDBC URL of the database for the trail. Without it `up` and `demo` start an embedded"
                    + " PostgreSQL.")
        @Nullable String url,
    @Key(doc = "User that may create schemas and tables there.") @Nullable String user,
    @Key(doc = "Password of sink.user.", secret = true) @Nullable String password,
    @Key(doc = "Connections a processor JVM holds to it at most.", byDefault = "4") int poolSize) {}
