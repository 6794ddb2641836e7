-- The trail of one table. The processor creates it when the table's first change arrives, and adds
-- and widens columns as the source does; nobody needs to run this by hand.
--
-- Placeholders: ${schema} and ${table}, quoted identifiers ("public", "fund_metadata_trail");
-- ${columns}, the table's columns with the built-in types that hold their text, all nullable, each
-- followed by a comma:  "fund_id" integer, "fund_name" character varying(255),

CREATE SCHEMA IF NOT EXISTS ${schema};

CREATE TABLE IF NOT EXISTS ${schema}.${table} (
    _kappa_op        "char"      NOT NULL, -- r read by a snapshot, c create, u update, d delete, t truncate
    _kappa_lsn       pg_lsn      NOT NULL, -- end of the commit record of the change's transaction
    _kappa_ordinal   bigint      NOT NULL, -- rank in the transaction, from 1; reads from 2^40
    _kappa_tx_id     bigint      NOT NULL, -- the source's transaction id; 0 for reads
    _kappa_ts        timestamptz NOT NULL, -- commit time at the source
    _kappa_sink_ts   timestamptz NOT NULL, -- when the processor wrote the row
    _kappa_before    json,                 -- the row before the change, as far as PostgreSQL sent it
    _kappa_unchanged text[],               -- columns that PostgreSQL did not send, being unchanged
    ${columns}
    PRIMARY KEY (_kappa_lsn, _kappa_ordinal)
);
