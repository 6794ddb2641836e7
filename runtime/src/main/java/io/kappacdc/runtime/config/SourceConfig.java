package io.kappacdc.runtime.config;

import org.jspecify.annotations.Nullable;

/** The PostgreSQL whose changes are captured. */
public record SourceConfig(
    @Key(
            doc =
                "JDBC URL of the source database. Without it `up` and `demo` start an embedded"
                    + " PostgreSQL.")
        @Nullable String url,
    @Key(doc = "User with REPLICATION and the right to create a publication for all tables.")
        @Nullable String user,
    @Key(doc = "Password of source.user.", secret = true) @Nullable String password,
    @Key(doc = "Replication slot that capture creates and reads.", byDefault = "kappa_slot")
        String slot,
    @Key(
            doc = "Publication that capture creates (FOR ALL TABLES) and reads.",
            byDefault = "kappa_pub")
        String publication) {}
