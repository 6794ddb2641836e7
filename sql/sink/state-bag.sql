-- The rows at a moment of a table without a key but with REPLICA IDENTITY FULL: what was inserted,
-- less what was deleted, as often as it is left. An update deletes the row before and inserts the
-- one after. Rows are the same if their texts are, since not every type has an equality.
--
-- Placeholders: as in state-keyed.sql; ${after} and ${before}, the texts of a change's row after and
-- before; ${name}, the table's name as a literal.
SELECT ${columns}
FROM (
  SELECT c.v, sum(c.n) AS n
  FROM (
    SELECT ARRAY[${after}]::text[] AS v, 1 AS n
    FROM ${trail} t WHERE ${changest} AND t._kappa_op <> 'd'
    UNION ALL
    SELECT ARRAY[${before}]::text[], -1
    FROM ${trail} t WHERE ${changest} AND t._kappa_op IN ('u', 'd')
  ) c
  GROUP BY c.v
  HAVING sum(c.n) <> 0
) s
CROSS JOIN LATERAL generate_series(1, kappa.copies(s.n, ${name}))
