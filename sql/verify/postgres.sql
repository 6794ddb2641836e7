-- Looks at the trail of the fund tables. On the sink database:
--   psql "$SINK_URL" -f sql/verify/postgres.sql
-- It only shows; `kappa verify` compares.

\echo 'Rows in the trails, by operation'
SELECT 'fund_metadata' AS source_table, _kappa_op AS op, count(*) AS changes
FROM public.fund_metadata_trail
GROUP BY _kappa_op
UNION ALL
SELECT 'fund_unit', _kappa_op, count(*)
FROM public.fund_unit_trail
GROUP BY _kappa_op
ORDER BY source_table, op;

\echo 'The latest update: as the application noted it, as the source committed it, as the sink wrote it'
SELECT to_timestamp(max(updated_at) / 1000.0) AS latest_update,
       max(_kappa_ts)                         AS latest_commit,
       max(_kappa_sink_ts)                    AS latest_write
FROM public.fund_metadata_trail;

\echo 'Writes per fund, the busiest ten'
SELECT fund_id,
       (array_agg(fund_name ORDER BY _kappa_lsn DESC, _kappa_ordinal DESC)
          FILTER (WHERE fund_name IS NOT NULL))[1] AS last_name,
       count(*)                                    AS writes
FROM public.fund_metadata_trail
WHERE _kappa_op <> 't'
GROUP BY fund_id
ORDER BY writes DESC, fund_id
LIMIT 10;

\echo 'The history of the busiest fund'
SELECT _kappa_op AS op, _kappa_lsn AS lsn, _kappa_ordinal AS ordinal, _kappa_ts AS committed_at,
       fund_name, fund_price
FROM public.fund_metadata_history
WHERE fund_id = (SELECT fund_id
                 FROM public.fund_metadata_trail
                 WHERE _kappa_op <> 't'
                 GROUP BY fund_id
                 ORDER BY count(*) DESC, fund_id
                 LIMIT 1)
ORDER BY _kappa_lsn, _kappa_ordinal;

\echo 'Source transactions with the most changes'
SELECT _kappa_tx_id AS tx_id, _kappa_lsn AS lsn, count(*) AS changes
FROM public.fund_metadata_trail
WHERE _kappa_op <> 'r'
GROUP BY _kappa_tx_id, _kappa_lsn
ORDER BY changes DESC, lsn
LIMIT 5;

\echo 'How far the trail is'
SELECT topic, partition, next_offset, lsn, ordinal, updated_at
FROM kappa.ledger
ORDER BY topic, partition;
