-- All changes of a trail, with the values that PostgreSQL left out of an update. They are looked for
-- where they are selected only, and only for changes that lack some.
--
-- Placeholders: ${trail}; ${columns}, what to select of t; ${lives}, what state-lives.sql says of
-- the key of t; ${places}, for each column that may be left out the place of its value, from n.
SELECT ${columns}
FROM (
  WITH truncates AS MATERIALIZED (
    SELECT x._kappa_op, x._kappa_lsn, x._kappa_ordinal FROM ${trail} x WHERE x._kappa_op = 't'
  )
  SELECT t.*,
         CASE WHEN t._kappa_unchanged IS NOT NULL THEN (
           WITH RECURSIVE ${lives}
           SELECT ARRAY[${places}] FROM newest n
         ) END AS _kappa_places
  FROM ${trail} t
) t
