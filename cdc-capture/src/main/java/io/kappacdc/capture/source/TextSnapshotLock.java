package io.kappacdc.capture.source;

import io.debezium.snapshot.spi.SnapshotLock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Locks the tables of a snapshot, as {@code pg_dump} does, against whoever would rewrite or
 * truncate them while it reads. What did so after the snapshot was taken and before the lock made
 * the table look empty to it, and is an error: a new snapshot is needed. Public because Debezium
 * finds it as a service.
 */
public final class TextSnapshotLock implements SnapshotLock {
  static final String NAME = "kappa_text";

  /**
   * {@code pg_class} is read as of the snapshot, {@code pg_relation_filenode} tells the file of
   * now. The error is one that passes: lock_not_available.
   *
   * <p>Debezium names a table by a text that is no SQL identifier if schema or table begin or end
   * with a quotation mark ({@code TableId.quote} leaves those as they are), so that a name could
   * become SQL. The server looks for the tables that Debezium calls so.
   */
  private static final String SQL =
      """
      DO $kappa$
      DECLARE
        named record;
        rewritten text;
      BEGIN
        FOR named IN
          SELECT c.oid, n.nspname, c.relname
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p') AND concat(
            CASE WHEN '"' IN (left(n.nspname, 1), right(n.nspname, 1)) THEN n.nspname::text
              ELSE concat('"', replace(n.nspname, '"', '""'), '"') END,
            '.',
            CASE WHEN '"' IN (left(c.relname, 1), right(c.relname, 1)) THEN c.relname::text
              ELSE concat('"', replace(c.relname, '"', '""'), '"') END) = %s
        LOOP
          EXECUTE format('LOCK TABLE %%I.%%I IN ACCESS SHARE MODE', named.nspname, named.relname);
          WITH RECURSIVE read(oid) AS (
            SELECT named.oid
            UNION ALL SELECT i.inhrelid FROM pg_inherits i JOIN read ON i.inhparent = read.oid)
          SELECT string_agg(c.oid::regclass::text, ', ') INTO rewritten
          FROM pg_class c JOIN read USING (oid)
          WHERE c.relkind = 'r' AND c.relfilenode <> pg_relation_filenode(c.oid);
          IF rewritten IS NOT NULL THEN
            RAISE EXCEPTION 'rewritten or truncated since the snapshot was taken: %%', rewritten
              USING ERRCODE = 'lock_not_available';
          END IF;
        END LOOP;
      END $kappa$;
      """;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void configure(Map<String, ?> settings) {}

  /**
   * @param tableId what Debezium calls the table: mostly, not always, an SQL identifier
   */
  @Override
  public Optional<String> tableLockingStatement(Duration lockTimeout, String tableId) {
    return Optional.of(SQL.formatted(literal(tableId)));
  }

  /** Such that no name ends the block around it either, whatever the server takes for an escape. */
  private static String literal(String text) {
    StringBuilder literal = new StringBuilder("E'");
    text.chars()
        .forEach(
            unit ->
                literal.append(
                    Character.isLetterOrDigit(unit) && unit < 128 || unit == '"' || unit == '.'
                        ? String.valueOf((char) unit)
                        : "\\u%04X".formatted(unit)));
    return literal.append('\'').toString();
  }
}
