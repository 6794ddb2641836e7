-- Its price changes. With psql -v fund=ID.
UPDATE public.fund_metadata
SET fund_price = 103.25, updated_at = (extract(epoch FROM clock_timestamp()) * 1000)::bigint
WHERE fund_id = :fund;
