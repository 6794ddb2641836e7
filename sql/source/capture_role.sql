-- What capture needs of a source without being a superuser there: a role that may replicate and read, and
-- the publication. Run once, by a superuser, in the database to be captured; for psql, which takes the
-- role's password from the environment variable CAPTURE_PASSWORD.
-- BYPASSRLS is for tables with row-level security: without it capture does not start with them, since a
-- snapshot would lack the rows that their policies hide. Leave it out if there are none.
-- publish_generated_columns is PostgreSQL 18's: leave it out on an older server.

\getenv capture_password CAPTURE_PASSWORD
CREATE ROLE kappa LOGIN REPLICATION BYPASSRLS PASSWORD :'capture_password';
GRANT pg_read_all_data TO kappa;
CREATE PUBLICATION kappa_pub FOR ALL TABLES
    WITH (publish_via_partition_root = true, publish_generated_columns = stored);
