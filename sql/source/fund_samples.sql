-- Two funds with units, to see a row travel by hand.

INSERT INTO public.fund_metadata (fund_name, fund_code, fund_description, updated_at, fund_price)
VALUES ('Aggressive Growth Fund', 'AGF-001', 'High-risk growth portfolio', 1704067200000, 105.50),
       ('Conservative Fund', 'CON-001', 'Low-volatility bond fund', 1704067200000, 98.75)
ON CONFLICT (fund_code) DO NOTHING;

INSERT INTO public.fund_unit (fund_id, unit_price, unit_date)
SELECT fund_id, fund_price, DATE '2024-01-01'
FROM public.fund_metadata
WHERE fund_code IN ('AGF-001', 'CON-001');
