-- Makes postgres-texts.tsv: psql -qAt -f postgres-texts.sql > postgres-texts.tsv (PostgreSQL 12 or later).
SET timezone='UTC'; SET datestyle='ISO'; SET extra_float_digits=1; SET bytea_output=hex;
SELECT 'double precision' || E'\t' || v::float8 FROM (VALUES ('0'),('-0'),('1'),('0.1'),('100000'),('999999'),('1000000'),('123456789012345'),('999999999999999'),('1e15'),('1e14'),('1e16'),('1e20'),('1e21'),('1e22'),('1e23'),('-1e23'),('0.0001'),('0.00001'),('0.00012345'),('1.5e-5'),('5e-324'),('1e-323'),('2.2250738585072014e-308'),('2.2250738585072011e-308'),('1.7976931348623157e308'),('9007199254740991'),('9007199254740992'),('9007199254740993'),('9007199254740994'),('5.684341886080802e-14'),('2e-3'),('2.0e-3'),('4.35'),('4.349999999999999'),('3.141592653589793'),('2.718281828459045'),('NaN'),('Infinity'),('-Infinity'),('1.1e16'),('8.41e21'),('2.0919495182368195e19'),('2.6153245263757307e19'),('4611686018427387904'),('9223372036854775807'),('18446744073709551616'),('1e-7'),('123456.789'),('-0.000123')) t(v);
SELECT 'real' || E'\t' || v::float4 FROM (VALUES ('0'),('-0'),('1'),('0.1'),('100000'),('999999'),('1000000'),('1234567'),('16777216'),('33554432'),('1e6'),('1e5'),('1e10'),('1e20'),('0.0001'),('0.00001'),('1e-45'),('1.17549435e-38'),('3.4028235e38'),('NaN'),('Infinity'),('-Infinity'),('3.1415927'),('8388608'),('8388609'),('9999999'),('2.5e-5'),('1.5'),('0.3'),('123456.7'),('99999.99'),('8.5899346e9'),('1.0e-10'),('2e-44'),('5.0e-20'),('67108864'),('4.7019774e-38')) t(v);
SELECT setseed(0.42) \g /dev/null
SELECT 'double precision' || E'\t' || ((random()-0.5) * pow(10, (random()*600-300)::int))::float8 FROM generate_series(1,150);
SELECT 'double precision' || E'\t' || (pow(2::float8, i)) FROM generate_series(-1074,1023,37) i;
SELECT 'real' || E'\t' || ((random()-0.5) * pow(10, (random()*70-35)::int))::float4 FROM generate_series(1,100);
SELECT 'real' || E'\t' || (pow(2::float8, i))::float4 FROM generate_series(-149,127,11) i;
SELECT 'timestamp with time zone' || E'\t' || v::timestamptz FROM (VALUES ('0001-01-01'),('9999-12-31 23:59:59.999999'),('1582-10-10 12:00'),('1969-12-31 23:59:59.5'),('1900-01-01'),('2024-02-29 01:02:03.120'),('2024-02-29 01:02:03.000001'),('infinity'),('-infinity'),('0044-03-15 BC'),('10000-01-01'),('294276-12-31'),('4714-11-24 BC')) t(v);
SELECT 'timestamp without time zone' || E'\t' || v::timestamp FROM (VALUES ('0001-01-01'),('9999-12-31 23:59:59.999999'),('1582-10-10 12:00'),('1969-12-31 23:59:59.5'),('2024-02-29 01:02:03.12'),('2024-12-31 24:00'),('infinity'),('-infinity'),('0044-03-15 BC'),('10000-01-01')) t(v);
SELECT 'date' || E'\t' || v::date FROM (VALUES ('0001-01-01'),('9999-12-31'),('1582-10-10'),('1582-10-04'),('1969-12-31'),('2024-02-29'),('infinity'),('-infinity'),('0044-03-15 BC'),('10000-01-01'),('5874897-12-31')) t(v);
SELECT 'numeric(10,2)' || E'\t' || v::numeric(10,2) FROM (VALUES ('0'),('-0.01'),('99999999.99'),('-99999999.99'),('1.5'),('NaN')) t(v);
SELECT 'numeric(38,10)' || E'\t' || v::numeric(38,10) FROM (VALUES ('0'),('0.0000000001'),('9999999999999999999999999999.9999999999')) t(v);
SELECT 'numeric(3,5)' || E'\t' || v::numeric(3,5) FROM (VALUES ('0'),('0.00999'),('-0.00001')) t(v);
SELECT 'numeric(2,-3)' || E'\t' || v::numeric(2,-3) FROM (VALUES ('0'),('99000'),('-1400')) t(v);
SELECT 'numeric(39,0)' || E'\t' || v::numeric(39,0) FROM (VALUES ('123456789012345678901234567890123456789')) t(v);
SELECT 'numeric' || E'\t' || v::numeric FROM (VALUES ('1.0'),('1.00'),('NaN'),('Infinity'),('-Infinity'),('1e-30'),('123456789012345678901234567890123456789.5')) t(v);
SELECT 'smallint' || E'\t' || v::smallint FROM (VALUES (-32768),(32767)) t(v);
SELECT 'integer' || E'\t' || v::integer FROM (VALUES (-2147483648),(2147483647)) t(v);
SELECT 'bigint' || E'\t' || v::bigint FROM (VALUES (-9223372036854775807-1),(9223372036854775807)) t(v);
SELECT 'boolean' || E'\tt' UNION ALL SELECT 'boolean' || E'\tf';
SELECT 'bytea' || E'\t' || v::bytea FROM (VALUES (''),('\x00ff10'),('\xdeadbeef')) t(v);
SELECT 'character(5)' || E'\t' || 'ab'::char(5)::bpchar || '   ';
SELECT 'interval' || E'\t' || '1 year 2 mons -3 days 04:05:06.7'::interval;
SELECT 'integer[]' || E'\t' || '{1,NULL,3}'::int[]::text;
SELECT 'int4range' || E'\t' || '[1,10)'::int4range::text;
SELECT 'time without time zone' || E'\t' || '24:00:00'::time;
SELECT 'jsonb' || E'\t' || '{"a": [1, 2.50, null]}'::jsonb::text;
