-- A fund comes in. Prints its id.
INSERT INTO public.fund_metadata (fund_name, fund_description, updated_at, fund_price)
VALUES ('Harbour Bond Fund', 'Investment grade, three to five years',
        (extract(epoch FROM clock_timestamp()) * 1000)::bigint, 101.50)
RETURNING fund_id;
