-- Which changes of a trail count at a place in it: those up to there, after the last truncate up to
-- there.
-- Placeholders: ${alias}, what the trail is called in the query; ${upto}, the condition that alias
-- is up to the place, ${uptox} the same of x; ${truncates}, the trail, or its truncates alone.
${upto} AND ${alias}._kappa_op <> 't'
  AND (${alias}._kappa_lsn, ${alias}._kappa_ordinal) > (
    SELECT b._kappa_lsn, b._kappa_ordinal
    FROM (SELECT x._kappa_lsn, x._kappa_ordinal FROM ${truncates} x
          WHERE x._kappa_op = 't' AND ${uptox}
          UNION ALL SELECT pg_lsn '0/0', bigint '0') b
    ORDER BY b._kappa_lsn DESC, b._kappa_ordinal DESC LIMIT 1)
