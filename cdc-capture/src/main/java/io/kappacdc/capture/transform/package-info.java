/**
 * From Debezium's records to change events.
 *
 * <p>Reads: records of the source package, its catalog, column policies, the configured single
 * message transforms. Writes: nothing. Guarantees: a row has the values PostgreSQL sent, absent
 * where it sent none, but for those that a policy changes or takes, under a schema with the exact
 * types; transforms act on the row, not on the envelope around it, and after the policies.
 */
@NullMarked
package io.kappacdc.capture.transform;

import org.jspecify.annotations.NullMarked;
