package io.kappacdc.processor.sql;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.min_by;
import static org.apache.spark.sql.functions.when;

import io.kappacdc.processor.lake.LakeCatalog.Store;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * The moments at which the lake's two sinks noted the versions of their tables, table {@code
 * kappa.cuts}. The sinks note different moments. One is chosen for both: a moment that the mirror
 * has noted, since a mirror table shows the moments of its versions only, whereas a trail shows any
 * moment up to which it is complete, by the LSNs of its rows.
 */
final class RecordedCuts {
  private final Dataset<Row> cuts;
  private final Map<Store, Span> spans = new HashMap<>();

  /** The first and the newest moment that a sink has noted. */
  record Span(Moment first, Moment newest) {}

  /** What a table of the lake shows at a moment. */
  sealed interface TableAt {
    /** What this version has. */
    record Version(long version) implements TableAt {}

    /** Of the newest version, the changes up to the moment. */
    record Changes() implements TableAt {}

    /** Nothing: the first change of the table came later. */
    record NotYet() implements TableAt {}

    /**
     * Not the moment: the table had stopped.
     *
     * @param noted the LSN of the first moment that was noted without it
     */
    record Stopped(long noted) implements TableAt {}

    /** Not the moment: the table was emptied and filled again, and has noted none since. */
    record MadeAnew() implements TableAt {}
  }

  /**
   * @param cuts the rows of {@code kappa.cuts}
   * @throws io.kappacdc.runtime.KappaException if a sink has not noted a moment yet
   */
  RecordedCuts(Dataset<Row> cuts) {
    this.cuts = cuts;
    for (Row row :
        cuts.filter("table_name IS NULL")
            .groupBy("sink")
            .agg(
                min("lsn"),
                min_by(col("source_ts"), col("lsn")),
                max("lsn"),
                max_by(col("source_ts"), col("lsn")))
            .collectAsList()) {
      for (Store store : Store.values()) {
        if (store.sink().equals(row.getString(0))) {
          spans.put(store, new Span(moment(row, 1), moment(row, 3)));
        }
      }
    }
    for (Store store : Store.values()) {
      if (!spans.containsKey(store)) {
        throw SqlErrors.noCuts("the " + store.database() + " has not been complete at any moment");
      }
    }
  }

  private static Moment moment(Row row, int index) {
    Object time = row.get(index + 1);
    return new Moment(
        row.getLong(index),
        time instanceof Timestamp timestamp ? timestamp.toInstant() : (Instant) time);
  }

  /**
   * The moment to show.
   *
   * @throws io.kappacdc.runtime.KappaException if the lake does not have it
   */
  Moment resolve(AskedMoment asked) {
    Span trail = spans.get(Store.TRAIL);
    Span mirror = spans.get(Store.MIRROR);
    Moment newest = trail.newest().lsn() < mirror.newest().lsn() ? trail.newest() : mirror.newest();
    Column atOrBefore = col("lsn").leq(newest.lsn());
    if (asked instanceof AskedMoment.AtLsn at) {
      if (Long.compareUnsigned(at.lsn(), newest.lsn()) > 0) {
        throw SqlErrors.notCompleteYet(asked, newest);
      }
      atOrBefore = col("lsn").leq(at.lsn());
    } else if (asked instanceof AskedMoment.AtTime at) {
      if (at.time().isAfter(newest.sourceTime())) {
        throw SqlErrors.notCompleteYet(asked, newest);
      }
      atOrBefore = atOrBefore.and(col("source_ts").leq(lit(Timestamp.from(at.time()))));
    }
    Row found =
        noted(Store.MIRROR)
            .filter(atOrBefore)
            .agg(max("lsn"), max_by(col("source_ts"), col("lsn")))
            .head();
    if (found.isNullAt(0)) {
      throw SqlErrors.before(asked, mirror.first());
    }
    return moment(found, 0);
  }

  /** The moments that a sink noted. */
  private Dataset<Row> noted(Store store) {
    return of(store).filter("table_name IS NULL");
  }

  private Dataset<Row> of(Store store) {
    return cuts.filter(col("sink").equalTo(store.sink()));
  }

  /** What the tables of a store show at a moment, by the source's name; others: not yet. */
  Map<String, TableAt> tablesAt(Store store, Moment moment) {
    return switch (store) {
      case TRAIL -> trailsAt(moment);
      case MIRROR -> mirrorsAt(moment);
    };
  }

  private Map<String, TableAt> mirrorsAt(Moment moment) {
    Map<String, TableAt> tables = new HashMap<>();
    notes(of(Store.MIRROR).filter(col("lsn").leq(moment.lsn())))
        .forEach(
            (name, note) ->
                tables.put(
                    name,
                    note.version() == null
                        ? note.standing()
                        : new TableAt.Version(note.version())));
    return tables;
  }

  private Map<String, TableAt> trailsAt(Moment moment) {
    long complete =
        noted(Store.TRAIL).filter(col("lsn").geq(moment.lsn())).agg(min("lsn")).head().getLong(0);
    Map<String, TableAt> tables = new HashMap<>();
    notes(of(Store.TRAIL))
        .forEach(
            (name, note) -> {
              if (note.version() == null && note.stoppedAt() <= complete) {
                tables.put(name, note.standing());
              } else if (note.first() <= complete) {
                tables.put(name, new TableAt.Changes());
              }
            });
    return tables;
  }

  /**
   * What is noted of a table.
   *
   * @param first the LSN of the first note
   * @param version the version noted last; null if the table had stopped
   * @param stoppedAt the LSN of the first note without a version
   */
  private record Note(long first, @Nullable Long version, long stoppedAt) {
    /** Why there is no version: a table that is made anew is noted before all LSNs. */
    TableAt standing() {
      return stoppedAt == 0 ? new TableAt.MadeAnew() : new TableAt.Stopped(stoppedAt);
    }
  }

  private static Map<String, Note> notes(Dataset<Row> rows) {
    Dataset<Row> ofTables = rows.filter("table_name IS NOT NULL");
    Map<String, NavigableSet<Long>> stops = new HashMap<>();
    for (Row row : ofTables.filter("version IS NULL").select("table_name", "lsn").collectAsList()) {
      stops.computeIfAbsent(row.getString(0), name -> new TreeSet<>()).add(row.getLong(1));
    }
    Map<String, Note> notes = new HashMap<>();
    for (Row row :
        ofTables
            .groupBy("table_name")
            .agg(
                min("lsn"),
                max_by(col("version"), col("lsn")),
                max(when(col("version").isNotNull(), col("lsn"))))
            .collectAsList()) {
      boolean isStopped = row.isNullAt(2);
      long lastGoing = row.isNullAt(3) ? -1 : row.getLong(3);
      notes.put(
          row.getString(0),
          new Note(
              row.getLong(1),
              isStopped ? null : (Long) row.getLong(2),
              isStopped ? stops.get(row.getString(0)).higher(lastGoing) : 0));
    }
    return notes;
  }
}
