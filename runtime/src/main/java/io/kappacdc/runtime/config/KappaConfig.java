package io.kappacdc.runtime.config;

/** The whole configuration: one file for all roles. */
public record KappaConfig(
    @Key(doc = "PostgreSQL whose changes are captured.") SourceConfig source,
    @Key(doc = "Kafka in the middle.") KafkaConfig kafka,
    @Key(doc = "WAL to Kafka.") CaptureConfig capture,
    @Key(doc = "PostgreSQL for the trail.") SinkConfig sink,
    @Key(doc = "Delta Lake for trail and mirror.") LakeConfig lake,
    @Key(doc = "Kafka to the sinks.") ProcessorConfig processor,
    @Key(doc = "Supervision of the processes that `up` starts.") UpConfig up,
    @Key(doc = "The page for people ([console.md](console.md)).") ConsoleConfig console) {}
