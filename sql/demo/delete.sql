-- It is closed. With psql -v fund=ID.
DELETE FROM public.fund_metadata WHERE fund_id = :fund;
