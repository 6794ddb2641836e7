package io.kappacdc.processor.lake;

import java.util.List;
import org.apache.spark.sql.delta.DeltaOperations;
import scala.Option;

/**
 * Names of a mirror's commits in the table's history: those of the commands that would have the
 * same effect. A commit's user metadata comes with it, not from the session that all tables share.
 */
final class MirrorOperation {
  private MirrorOperation() {}

  /** Rows were replaced, removed and added. */
  static DeltaOperations.Operation merge(String userMetadata) {
    return new Merge(userMetadata);
  }

  /** Files were replaced by others with the same rows. */
  static DeltaOperations.Operation optimize(String userMetadata) {
    return new Optimize(userMetadata);
  }

  private static final class Merge extends DeltaOperations.Merge {
    private static final long serialVersionUID = 1L;
    private final String note;

    Merge(String note) {
      super(
          Option.empty(),
          Option.empty(),
          Option.empty(),
          Option.empty(),
          Scala.seq(List.of()),
          Scala.seq(List.of()),
          Scala.seq(List.of()));
      this.note = note;
    }

    @Override
    public Option<String> userMetadata() {
      return Option.apply(note);
    }
  }

  private static final class Optimize extends DeltaOperations.Optimize {
    private static final long serialVersionUID = 1L;
    private final String note;

    Optimize(String note) {
      super(Scala.seq(List.of()), Scala.seq(List.of()), false, Option.empty(), false);
      this.note = note;
    }

    @Override
    public Option<String> userMetadata() {
      return Option.apply(note);
    }
  }
}
