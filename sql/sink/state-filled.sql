-- As state-keyed.sql, for a table of whose values PostgreSQL may leave some out of an update. Costs
-- a second look at the trail where nothing was left out.
--
-- Placeholders: as in state-keyed.sql; ${lives}, what state-lives.sql says of all keys of which
-- some change lacks a value; ${rootsn}, the key that is asked for as columns of n.
WITH RECURSIVE ${lives}
SELECT ${columns}
FROM (
  SELECT DISTINCT ON (${keyt}) t.*
  FROM ${trail} t
  WHERE ${changest} AND (${known})
  ORDER BY ${keyt}, t._kappa_lsn DESC, t._kappa_ordinal DESC
) t
LEFT JOIN newest n ON (${keyt}) = (${rootsn}) AND t._kappa_unchanged IS NOT NULL
WHERE t._kappa_op <> 'd'
