-- The fund's history in the trail, on the sink database. With psql -v fund=ID.
SELECT 'trail' AS place, _kappa_op AS op, fund_name, fund_price
FROM public.fund_metadata_trail
WHERE fund_id = :fund
ORDER BY _kappa_lsn, _kappa_ordinal;
