package io.kappacdc.processor.verify;

import java.util.Comparator;

/**
 * A row of a table as digests of canonical text.
 *
 * @param key digest of the key's columns; of all columns where the table has no key
 * @param row digest of all columns compared
 * @param copies how often this very row occurs; more than 1 only without a key, negative where more
 *     copies were taken away than added
 */
record RowDigest(Digest key, Digest row, long copies) implements Comparable<RowDigest> {
  private static final Comparator<RowDigest> ORDER =
      Comparator.comparing(RowDigest::key).thenComparing(RowDigest::row);

  @Override
  public int compareTo(RowDigest other) {
    return ORDER.compare(this, other);
  }
}
