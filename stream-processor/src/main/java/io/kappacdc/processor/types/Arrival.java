package io.kappacdc.processor.types;

import io.kappacdc.processor.lake.LakeTypes;
import io.kappacdc.runtime.config.ColumnConfig.Policy;
import org.apache.spark.sql.types.StringType;
import org.jspecify.annotations.Nullable;

/**
 * How the values of a type arrive.
 *
 * @param trailType the trail's type in PostgreSQL
 * @param lakeType the type in the lake, as Spark SQL writes it
 * @param fidelity how the lake keeps what that type cannot hold
 * @param exactTextFor which values the lake has as exact text, for people; empty if none
 */
record Arrival(String trailType, String lakeType, Fidelity fidelity, String exactTextFor) {
  /** What a policy changes is text. */
  private static final String CHANGED = "text";

  /** No value is ever changed; these differ in what a query sees. */
  enum Fidelity {
    /** The type holds every value. */
    TYPED("typed"),
    /** The type holds nearly every value; the others are in {@code _kappa_exact}. */
    TYPED_WITH_EXACT_TEXT("typed, with exact text"),
    /** PostgreSQL's own text. */
    TEXT("text");

    private final String text;

    Fidelity(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * @param builtInType the type that travels, see {@link io.kappacdc.event.Column#builtInType()}
   */
  static Arrival of(String builtInType) {
    var lake = LakeTypes.sparkType(builtInType);
    String exact = LakeTypes.exactTextFor(builtInType);
    Fidelity fidelity = Fidelity.TYPED;
    if (lake instanceof StringType) {
      fidelity = Fidelity.TEXT;
    } else if (!exact.isEmpty()) {
      fidelity = Fidelity.TYPED_WITH_EXACT_TEXT;
    }
    return new Arrival(builtInType, lake.sql(), fidelity, exact);
  }

  /**
   * How a column's values arrive under its policy.
   *
   * @param policy null if it has none; not {@link Policy#EXCLUDE}, of which nothing arrives
   */
  static Arrival of(SourceColumn column, @Nullable Policy policy) {
    return of(policy == null ? column.builtInType() : CHANGED);
  }
}
