-- Where values are that PostgreSQL left out of an update: they are kept outside of the row (TOAST),
-- and unchanged. Such a value is the one that an earlier change of the row brought; earlier, but not
-- before the row got its key. If an update gave it the key, which is a delete of the old key and a
-- create, next in rank, of the new one, and the create lacks the value as well, then it is the value
-- under the old key, and so on back. Part of a WITH RECURSIVE.
--
-- Placeholders: as in state-keyed.sql; ${asked}, a condition for changes p of the keys asked for;
-- ${keyp}, ${changesp}, … as ${keyt} and ${changest} for other aliases; ${roots}, names for the
-- columns of the key that is asked for, ${rootsl} as columns of l; ${newest}, for each column the
-- place of the newest change that brought it.
lives AS (
  SELECT ${keyroots}, ${keyp},
         coalesce(
           max(ARRAY[p._kappa_lsn - pg_lsn '0/0', p._kappa_ordinal])
             FILTER (WHERE p._kappa_op IN ('c', 'r')),
           '{0,0}'::numeric[]) AS _kappa_born,
         max(ARRAY[p._kappa_lsn - pg_lsn '0/0', p._kappa_ordinal]) AS _kappa_until
  FROM ${trail} p
  WHERE ${changesp} AND ${asked}
  GROUP BY ${keyp}
  UNION ALL
  SELECT ${rootsl}, ${keyd},
         coalesce(
           (SELECT max(ARRAY[b._kappa_lsn - pg_lsn '0/0', b._kappa_ordinal])
            FROM ${trail} b
            WHERE ${changesb} AND (${keyb}) = (${keyd}) AND b._kappa_op IN ('c', 'r')
              AND (b._kappa_lsn, b._kappa_ordinal) < (d._kappa_lsn, d._kappa_ordinal)),
           '{0,0}'::numeric[]),
         ARRAY[d._kappa_lsn - pg_lsn '0/0', d._kappa_ordinal]
  FROM lives l
  JOIN ${trail} c ON c._kappa_lsn = pg_lsn '0/0' + l._kappa_born[1]
    AND c._kappa_ordinal = l._kappa_born[2]::bigint
    AND c._kappa_op = 'c' AND c._kappa_unchanged IS NOT NULL
  JOIN ${trail} d ON d._kappa_lsn = c._kappa_lsn AND d._kappa_ordinal = c._kappa_ordinal - 1
    AND d._kappa_op = 'd'
),
newest AS (
  SELECT ${rootsl}, ${newest}
  FROM lives l
  JOIN ${trail} p ON (${keyp}) = (${keyl})
    AND ARRAY[p._kappa_lsn - pg_lsn '0/0', p._kappa_ordinal] BETWEEN l._kappa_born AND l._kappa_until
  WHERE ${changesp} AND p._kappa_op IN ('c', 'u', 'r')
  GROUP BY ${rootsl}
)
