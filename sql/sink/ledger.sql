-- What the processor keeps about the trail, in the trail's own database. The processor creates it
-- at its first start; nobody needs to run this by hand. Runs again without harm.

CREATE SCHEMA IF NOT EXISTS kappa;

-- How far the trail is, for each partition of each topic. A row is changed in the transaction that
-- writes the trail's rows, so it says neither more nor less than the trail holds.
CREATE TABLE IF NOT EXISTS kappa.ledger (
    topic       text        NOT NULL,
    partition   integer     NOT NULL,
    next_offset bigint      NOT NULL, -- the Kafka offset to read next
    lsn         pg_lsn      NOT NULL, -- position of the last change written: changes at or before
    ordinal     bigint      NOT NULL, --   (lsn, ordinal) are in the trail
    updated_at  timestamptz NOT NULL,
    last_offset bigint      NOT NULL DEFAULT -1, -- the Kafka offset of that change; -1: not known
    PRIMARY KEY (topic, partition)
);

-- Which topic feeds which trail, and the newest schema that the trail was made to hold: newest at the
-- source, in whatever order the topic's partitions come to it.
CREATE TABLE IF NOT EXISTS kappa.tables (
    topic          text        PRIMARY KEY,
    source_schema  text        NOT NULL,
    source_table   text        NOT NULL,
    trail_schema   text        NOT NULL,
    trail_table    text        NOT NULL,
    schema_json    text        NOT NULL, -- as in the schemas topic, see docs/wire-format.md
    schema_lsn     pg_lsn      NOT NULL, -- position of a change of that schema, the first one that
    schema_ordinal bigint      NOT NULL, --   the trail came to
    updated_at     timestamptz NOT NULL
);

-- Tables whose key has changed since their trail began, and so have no view of moments.
CREATE TABLE IF NOT EXISTS kappa.rekeyed (
    topic      text PRIMARY KEY,
    former_key text NOT NULL -- names of its columns, as JSON
);

-- The moment of the source up to which the trail is complete: every change committed at or before
-- lsn is in it, of all tables but the stopped ones. Written after the rows, so the trail holds at
-- least that much; it changes only forward, and goes when the trail is rebuilt.
CREATE TABLE IF NOT EXISTS kappa.progress (
    store          text        PRIMARY KEY, -- postgres-trail
    lsn            pg_lsn      NOT NULL,
    source_ts      timestamptz NOT NULL, -- the source's time at lsn
    stopped_topics text[]      NOT NULL, -- tables that have stopped are not complete
    updated_at     timestamptz NOT NULL,
    generation     integer     NOT NULL  -- of the topics, see docs/wire-format.md
);

-- Requests to empty the sinks and fill them again from the topics (kappa replay --rebuild); the
-- running processor looks for them.
CREATE TABLE IF NOT EXISTS kappa.rebuilds (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic        text,                   -- null for all
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    begun_at     timestamptz             -- when the sinks had been emptied
);

-- Moments of the source that the trail has been complete at, for reading the trail as it was then
-- (docs/as-of.md): one a second at most, and on an idle source one in thirty seconds.
CREATE TABLE IF NOT EXISTS kappa.moments (
    lsn            pg_lsn      PRIMARY KEY,
    source_ts      timestamptz NOT NULL, -- the source's time
    stopped_topics text[]      NOT NULL, -- topics whose trail was not complete, having stopped
    recorded_at    timestamptz NOT NULL
);

-- Where all tables were read anew. What the source did between the last moment before and there may
-- be missing from the trail.
CREATE TABLE IF NOT EXISTS kappa.resnapshots (
    lsn pg_lsn PRIMARY KEY -- of the snapshot
);

-- Records of the topics that are no events of ours, as they are in Kafka. A row comes in the
-- transaction that moves the ledger past the record. The lake's sinks have a table of their own.
CREATE TABLE IF NOT EXISTS kappa.quarantine (
    topic          text        NOT NULL,
    partition      integer     NOT NULL,
    record_offset  bigint      NOT NULL,
    reason         text        NOT NULL,
    key            bytea,
    value          bytea,                -- null if the record has none
    quarantined_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS quarantine_place ON kappa.quarantine (topic, partition, record_offset);

-- Requests to remove a row with all its changes (kappa erase), and the record of those carried out.
-- The processor looks for them.
CREATE TABLE IF NOT EXISTS kappa.erasures (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic        text        NOT NULL,
    key_digest   text        NOT NULL, -- SHA-256 of topic and key: tells whether a key one knows was meant
    request      text,                 -- the key and what was found of it, as JSON; null once it is over
    requested_by text        NOT NULL DEFAULT session_user,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    state        text        NOT NULL DEFAULT 'requested', -- what it is at
    ended_at     timestamptz,
    succeeded    boolean,              -- null until it has ended
    outcome      text                  -- what was removed and searched, as JSON, or why it failed
);
