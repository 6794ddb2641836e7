package io.kappacdc.processor.erase;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A row's primary key.
 *
 * @param texts PostgreSQL's text of each column, in the key's order
 */
public record RowKey(List<String> texts) implements Serializable {
  public RowKey {
    texts = new ArrayList<>(texts);
  }

  public static RowKey of(String... texts) {
    return new RowKey(List.of(texts));
  }

  /** The texts, for people. */
  @Override
  public String toString() {
    return String.join(", ", texts);
  }
}
