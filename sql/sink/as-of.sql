-- Reading the trail's tables as they were at one moment of the source: functions for the views
-- <schema>.<table>_as_of. docs/as-of.md shows their use. The processor runs this at each start.
--
-- Functions that read the schema kappa run as its owner, so that whoever may read a view needs no
-- rights to more than the view.

-- Whether the trail is complete at a moment, as that moment; an error if it is not.
CREATE OR REPLACE FUNCTION kappa.complete_at(moment pg_lsn) RETURNS pg_lsn
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  reached record;
  first_moment record;
  anew pg_lsn;
  last_before pg_lsn;
BEGIN
  SELECT p.lsn, p.source_ts INTO reached FROM kappa.progress p WHERE p.store = 'postgres-trail';
  IF coalesce(reached.lsn, '0/0') = '0/0' THEN
    RAISE EXCEPTION 'The trail is not complete up to any moment yet'
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = 'The processor has not finished the first snapshot, or has never run.',
        HINT = 'Wait; SELECT * FROM kappa.progress shows the moment once there is one.';
  ELSIF moment > reached.lsn THEN
    RAISE EXCEPTION 'The trail is not complete at % yet', moment
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('It is complete up to %s, %s.', reached.lsn, reached.source_ts),
        HINT = 'Wait, or ask for an earlier moment; kappa.as_of(''latest'') takes the newest.';
  END IF;
  SELECT m.lsn, m.source_ts INTO first_moment FROM kappa.moments m ORDER BY m.lsn LIMIT 1;
  IF moment < coalesce(first_moment.lsn, reached.lsn) THEN
    RAISE EXCEPTION 'The trail does not reach back to %', moment
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('Its first moment is %s, %s.', coalesce(first_moment.lsn, reached.lsn),
          coalesce(first_moment.source_ts, reached.source_ts)),
        HINT = 'Ask for a later moment; kappa.moments has those that were noted.';
  END IF;
  SELECT min(r.lsn) INTO anew FROM kappa.resnapshots r WHERE r.lsn > moment;
  SELECT max(m.lsn) INTO last_before FROM kappa.moments m WHERE m.lsn < anew;
  IF moment > last_before THEN
    RAISE EXCEPTION 'The trail does not know the source at %', moment
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('All tables were read anew at %s; what happened since %s may be missing.',
          anew, last_before),
        HINT = format('Ask for %s or for %s.', last_before, anew);
  END IF;
  RETURN moment;
END $$;

-- The moment that a view of this topic's table shows: kappa.as_of_lsn of the session if it is set,
-- else the newest that the trail is complete at. An error if the table is not complete then.
CREATE OR REPLACE FUNCTION kappa.moment(topic text) RETURNS pg_lsn
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  asked text := nullif(current_setting('kappa.as_of_lsn', true), '');
  shown pg_lsn;
  kept_up pg_lsn;
BEGIN
  IF asked IS NULL THEN
    shown := kappa.complete_lsn();
  ELSIF asked !~ '^[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}$' THEN
    RAISE EXCEPTION 'kappa.as_of_lsn is no LSN'
      USING ERRCODE = 'invalid_parameter_value',
        DETAIL = 'An LSN looks like 0/1A2B3C8.',
        HINT = 'SELECT kappa.as_of(''…'') sets it; RESET kappa.as_of_lsn returns to the newest moment.';
  ELSE
    shown := kappa.complete_at(asked::pg_lsn);
  END IF;
  IF EXISTS (SELECT FROM kappa.progress p
             WHERE p.store = 'postgres-trail' AND moment.topic = ANY (p.stopped_topics)) THEN
    SELECT max(m.lsn) INTO kept_up FROM kappa.moments m
    WHERE moment.topic <> ALL (m.stopped_topics);
    IF kept_up IS NULL OR shown > kept_up THEN
      RAISE EXCEPTION 'The trail of topic % stopped before %', topic, shown
        USING ERRCODE = 'object_not_in_prerequisite_state',
          DETAIL = format('It was last complete at %s.', coalesce(kept_up::text, 'no moment')),
          HINT = '`kappa status` says why it stopped and what to do. Its earlier moments can be read.';
    END IF;
  END IF;
  RETURN shown;
END $$;

-- The newest moment that the trail is complete at.
CREATE OR REPLACE FUNCTION kappa.complete_lsn() RETURNS pg_lsn
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN kappa.complete_at(
    coalesce((SELECT p.lsn FROM kappa.progress p WHERE p.store = 'postgres-trail'), '0/0'));
END $$;

-- The newest noted moment whose time at the source is not after the given one.
CREATE OR REPLACE FUNCTION kappa.lsn_at(moment timestamptz) RETURNS pg_lsn
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  reached record;
  found_lsn pg_lsn;
BEGIN
  PERFORM kappa.complete_lsn();
  SELECT p.lsn, p.source_ts INTO reached FROM kappa.progress p WHERE p.store = 'postgres-trail';
  IF moment > reached.source_ts THEN
    RAISE EXCEPTION 'The trail is not complete at % yet', moment
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('It is complete up to %s, %s.', reached.lsn, reached.source_ts),
        HINT = 'Wait, or ask for an earlier moment; kappa.as_of(''latest'') takes the newest.';
  ELSIF moment = reached.source_ts THEN
    RETURN reached.lsn;
  END IF;
  SELECT m.lsn INTO found_lsn FROM kappa.moments m
  WHERE m.source_ts <= moment AND m.lsn <= reached.lsn ORDER BY m.lsn DESC LIMIT 1;
  IF found_lsn IS NULL THEN
    RAISE EXCEPTION 'The trail does not reach back to %', moment
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('Its first moment is of %s.',
          (SELECT coalesce(min(m.source_ts), reached.source_ts) FROM kappa.moments m)),
        HINT = 'Ask for a later moment; kappa.moments has those that were noted.';
  END IF;
  RETURN found_lsn;
END $$;

-- Lets the views show this moment for the rest of the session: returns it.
CREATE OR REPLACE FUNCTION kappa.as_of(moment pg_lsn) RETURNS pg_lsn
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('kappa.as_of_lsn', kappa.complete_at(moment)::text, false);
  RETURN moment;
END $$;

CREATE OR REPLACE FUNCTION kappa.as_of(moment timestamptz) RETURNS pg_lsn
LANGUAGE sql AS $$ SELECT kappa.as_of(kappa.lsn_at(moment)) $$;

-- The same for an LSN or a time in quotes, or 'latest'.
CREATE OR REPLACE FUNCTION kappa.as_of(moment text) RETURNS pg_lsn
LANGUAGE plpgsql AS $$
DECLARE
  parsed timestamptz;
BEGIN
  IF moment = 'latest' THEN
    RETURN kappa.as_of(kappa.complete_lsn());
  ELSIF moment ~ '^[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}$' THEN
    RETURN kappa.as_of(moment::pg_lsn);
  END IF;
  BEGIN
    parsed := moment::timestamptz;
  EXCEPTION WHEN data_exception THEN
    RAISE EXCEPTION 'This is no moment: %', moment
      USING ERRCODE = 'invalid_parameter_value',
        DETAIL = 'A moment is an LSN, a time, or ''latest''.',
        HINT = 'SELECT kappa.as_of(''0/1A2B3C8''); SELECT kappa.as_of(''2026-11-21 03:10:11+00'')';
  END;
  RETURN kappa.as_of(parsed);
END $$;

-- How often the view of a table without a key shows a row.
CREATE OR REPLACE FUNCTION kappa.copies(n bigint, table_name text) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  IF n < 0 THEN
    RAISE EXCEPTION 'The rows of % cannot be told from its trail', table_name
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = 'It has no key, and the trail deletes a row that it never inserted: columns were added or changed meanwhile.',
        HINT = 'Add a primary key at the source.';
  END IF;
  RETURN n;
END $$;

-- For the views: an error for a change that a table of its kind cannot have.
CREATE OR REPLACE FUNCTION kappa.unexpected(change pg_lsn, table_name text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RAISE EXCEPTION 'The rows of % cannot be told from its trail', table_name
    USING ERRCODE = 'object_not_in_prerequisite_state',
      DETAIL = format('It has no key, and the change at %s is no insert.', change),
      HINT = 'Add a primary key at the source.';
END $$;

-- For the views: an error for a change without a value of the key, whose column is younger.
CREATE OR REPLACE FUNCTION kappa.unkeyed(change pg_lsn, table_name text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RAISE EXCEPTION 'The rows of % cannot be told from its trail', table_name
    USING ERRCODE = 'object_not_in_prerequisite_state',
      DETAIL = format('The change at %s is older than a column of the key.', change),
      HINT = 'Read the tables anew: kappa capture --resnapshot';
END $$;

-- For the views: an error for a value that PostgreSQL left out of an update and no earlier change has.
CREATE OR REPLACE FUNCTION kappa.never_sent(change pg_lsn, table_name text, column_name text)
RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RAISE EXCEPTION 'The value of % in a row of % is not in the trail', column_name, table_name
    USING ERRCODE = 'object_not_in_prerequisite_state',
      DETAIL = format('The update at %s left it as it was, and the trail has no change that brought it.',
        change),
      HINT = 'Select other columns, or read the tables anew: kappa capture --resnapshot';
END $$;

-- For the views: an error for a view that another view kept from following its table.
CREATE OR REPLACE FUNCTION kappa.outdated(view_name text, dependents text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RAISE EXCEPTION 'The view % is out of date', view_name
    USING ERRCODE = 'object_not_in_prerequisite_state',
      DETAIL = format('A column of its table has a wider type, and these depend on the old one: %s.',
        dependents),
      HINT = 'Drop them, restart the processor, which makes the view anew, and create them again.';
END $$;
