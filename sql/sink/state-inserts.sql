-- The rows at a moment of a table that has neither key nor REPLICA IDENTITY FULL: what was inserted,
-- since PostgreSQL allows nothing else.
--
-- Placeholders: as in state-keyed.sql; ${unexpected}, a condition for a row that is no insert.
SELECT ${columns}
FROM ${trail} t
WHERE ${changest} AND (t._kappa_op IN ('c', 'r') OR ${unexpected})
