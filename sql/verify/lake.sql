-- Looks at the trail and the mirror of the fund tables in the lake:
--   ./kappa sql --file sql/verify/lake.sql
-- It only shows; `kappa verify` compares.

-- Rows in the trails, by operation.
SELECT 'fund_metadata' AS source_table, _kappa_op AS op, count(*) AS changes
FROM trail.public_fund_metadata
GROUP BY _kappa_op
UNION ALL
SELECT 'fund_unit', _kappa_op, count(*)
FROM trail.public_fund_unit
GROUP BY _kappa_op
ORDER BY source_table, op;

-- Rows in the mirrors: what the source tables hold.
SELECT 'fund_metadata' AS source_table, count(*) AS live_rows FROM mirror.public_fund_metadata
UNION ALL
SELECT 'fund_unit', count(*) FROM mirror.public_fund_unit;

-- The latest update: as the application noted it, as the source committed it, as the sink wrote it.
SELECT timestamp_millis(max(updated_at)) AS latest_update,
       max(_kappa_ts)                    AS latest_commit,
       max(_kappa_sink_ts)               AS latest_write
FROM trail.public_fund_metadata;

-- Writes per fund, the busiest ten.
SELECT fund_id,
       max_by(fund_name, struct(_kappa_lsn, _kappa_ordinal))
         FILTER (WHERE fund_name IS NOT NULL) AS last_name,
       count(*)                               AS writes
FROM trail.public_fund_metadata
WHERE _kappa_op <> 't'
GROUP BY fund_id
ORDER BY writes DESC, fund_id
LIMIT 10;

-- The newest commits of trail and mirror.
DESCRIBE HISTORY trail.public_fund_metadata LIMIT 10;

DESCRIBE HISTORY mirror.public_fund_metadata LIMIT 10;

-- Time travel: the trail as its first version left it, beside the trail now.
SELECT (SELECT count(*) FROM trail.public_fund_metadata VERSION AS OF 0) AS changes_at_version_0,
       (SELECT count(*) FROM trail.public_fund_metadata)                 AS changes_now;
