-- The rows of a table with a key at a moment: each key's last change, unless that is a delete.
--
-- Placeholders: ${trail}; ${keyt}, the key's columns as columns of t; ${changest}, what
-- state-changes.sql says of t; ${columns}, what to select; ${known}, a condition that a change
-- must fulfil to name its row.
SELECT ${columns}
FROM (
  SELECT DISTINCT ON (${keyt}) t.*
  FROM ${trail} t
  WHERE ${changest} AND (${known})
  ORDER BY ${keyt}, t._kappa_lsn DESC, t._kappa_ordinal DESC
) t
WHERE t._kappa_op <> 'd'
