package io.kappacdc.runtime.columns;

/** What becomes of the values of a column. NULL stays NULL, and what was not sent stays unsent. */
public sealed interface ColumnRule {

  /** Whether rows that the column tells apart are still apart. */
  boolean keepsRowsApart();

  /** The column does not exist behind capture. */
  record Exclude() implements ColumnRule {
    @Override
    public boolean keepsRowsApart() {
      return false;
    }
  }

  /** The column is one of type text, with other values. */
  sealed interface Change extends ColumnRule {
    /** The text that travels in place of a value's. */
    String apply(String value);
  }

  /** One text for all values. */
  record Mask(String text) implements Change {
    @Override
    public String apply(String value) {
      return text;
    }

    @Override
    public boolean keepsRowsApart() {
      return false;
    }
  }

  /**
   * The first characters.
   *
   * @param length how many, in Unicode code points, as PostgreSQL's {@code left} counts
   */
  record Truncate(int length) implements Change {
    @Override
    public String apply(String value) {
      if (value.length() <= length || value.codePointCount(0, value.length()) <= length) {
        return value;
      }
      return value.substring(0, value.offsetByCodePoints(0, length));
    }

    @Override
    public boolean keepsRowsApart() {
      return false;
    }
  }

  /** A keyed hash, the same for equal texts of all columns. */
  record Hash(HashKey key) implements Change {
    @Override
    public String apply(String value) {
      return key.hash(value);
    }

    @Override
    public boolean keepsRowsApart() {
      return true;
    }
  }
}
