-- Which changes of a trail count at a moment: those up to it, after the last truncate up to it.
-- Placeholders: ${trail}, the trail; ${alias}, what it is called in the query; ${moment}, an
-- expression of type pg_lsn.
${alias}._kappa_lsn <= ${moment} AND ${alias}._kappa_op <> 't'
  AND (${alias}._kappa_lsn, ${alias}._kappa_ordinal) > (
    SELECT b._kappa_lsn, b._kappa_ordinal
    FROM (SELECT t._kappa_lsn, t._kappa_ordinal FROM ${trail} t
          WHERE t._kappa_op = 't' AND t._kappa_lsn <= ${moment}
          UNION ALL SELECT pg_lsn '0/0', bigint '0') b
    ORDER BY b._kappa_lsn DESC, b._kappa_ordinal DESC LIMIT 1)
