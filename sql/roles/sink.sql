-- Who may do what in the trail's database. Run once, by a superuser, in that database, before the processor
-- starts for the first time. Then give each role that logs in a password: \password kappa_trail

-- The processor. It makes schemas and tables here and owns them; it may do nothing else.
CREATE ROLE kappa_trail LOGIN;
DO $$BEGIN EXECUTE format('GRANT CONNECT, CREATE ON DATABASE %I TO kappa_trail', current_database()); END$$;
GRANT USAGE, CREATE ON SCHEMA public TO kappa_trail;

-- Analysts who may read all of it, also what is not there yet: trails, history, moments, quarantine. Make each
-- person a member: GRANT kappa_readers TO alice
CREATE ROLE kappa_readers NOLOGIN;
ALTER DEFAULT PRIVILEGES FOR ROLE kappa_trail GRANT USAGE ON SCHEMAS TO kappa_readers;
ALTER DEFAULT PRIVILEGES FOR ROLE kappa_trail GRANT SELECT ON TABLES TO kappa_readers;

-- Somebody who may see some columns only is no member, and is granted these once the trail is there. A column
-- that joins the table later is not among them.
--     CREATE ROLE support LOGIN;
--     GRANT SELECT (_kappa_op, _kappa_ts, fund_id, fund_name) ON public.fund_metadata_trail TO support;
