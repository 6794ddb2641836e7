package io.kappacdc.processor.verify;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row with its values as PostgreSQL's text, fetched only for rows that differ.
 *
 * @param values one a column compared; null is SQL NULL
 */
record TextRow(Digest key, Digest row, List<@Nullable String> values) {
  TextRow {
    values = Collections.unmodifiableList(new ArrayList<>(values));
  }
}
