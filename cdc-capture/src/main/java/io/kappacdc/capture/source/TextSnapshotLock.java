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
   */
  private static final String SQL =
      """
      LOCK TABLE %1$s IN ACCESS SHARE MODE;
      DO $kappa$
      DECLARE rewritten text;
      BEGIN
        WITH RECURSIVE read(oid) AS (
          SELECT %2$s::regclass::oid
          UNION ALL SELECT i.inhrelid FROM pg_inherits i JOIN read ON i.inhparent = read.oid)
        SELECT string_agg(c.oid::regclass::text, ', ') INTO rewritten
        FROM pg_class c JOIN read USING (oid)
        WHERE c.relkind = 'r' AND c.relfilenode <> pg_relation_filenode(c.oid);
        IF rewritten IS NOT NULL THEN
          RAISE EXCEPTION 'rewritten or truncated since the snapshot was taken: %%', rewritten
            USING ERRCODE = 'lock_not_available';
        END IF;
      END $kappa$;
      """;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void configure(Map<String, ?> settings) {}

  /**
   * @param tableId a name as an SQL identifier
   */
  @Override
  public Optional<String> tableLockingStatement(Duration lockTimeout, String tableId) {
    return Optional.of(SQL.formatted(tableId, literal(tableId)));
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
