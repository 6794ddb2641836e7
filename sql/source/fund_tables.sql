-- The source schema of the demo, of `kappa load` and of the benchmarks.
-- Runs again without harm.

CREATE TABLE IF NOT EXISTS public.fund_metadata (
    fund_id          serial PRIMARY KEY,
    fund_name        varchar(255) NOT NULL,
    fund_code        varchar(10) UNIQUE,
    fund_description text,
    updated_at       bigint,
    fund_price       numeric(10,2)
);

CREATE TABLE IF NOT EXISTS public.fund_unit (
    unit_id    serial PRIMARY KEY,
    fund_id    integer REFERENCES public.fund_metadata (fund_id),
    unit_price numeric(10,2),
    unit_date  date
);
