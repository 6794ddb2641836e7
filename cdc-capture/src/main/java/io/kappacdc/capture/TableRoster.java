package io.kappacdc.capture;

import io.kappacdc.capture.resume.CapturedTable;
import io.kappacdc.capture.resume.CapturedTable.Reading;
import io.kappacdc.capture.resume.CapturedTable.Reason;
import io.kappacdc.capture.resume.CapturedTables;
import io.kappacdc.capture.source.PublishedNow;
import io.kappacdc.capture.source.PublishedNow.Found;
import io.kappacdc.runtime.config.CaptureConfig.SnapshotMode;
import io.kappacdc.runtime.config.TableFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells tables whose rows are all in the topics from those that are still to be read. */
final class TableRoster {
  private static final Logger LOG = LoggerFactory.getLogger(TableRoster.class);

  private final TableFilter filter;
  private final SnapshotMode mode;

  TableRoster(TableFilter filter, SnapshotMode mode) {
    this.filter = filter;
    this.mode = mode;
  }

  /** Whether rows are wanted that are older than capture. */
  boolean wantsRows() {
    return mode != SnapshotMode.NO_DATA;
  }

  /** Where a snapshot of all tables begins: it reads what is captured now. */
  CapturedTables first(PublishedNow now) {
    List<CapturedTable> captured = new ArrayList<>();
    List<Long> leftOut = new ArrayList<>();
    for (Found found : now.tables()) {
      if (isCaptured(found)) {
        captured.add(table(found, null));
      } else {
        leftOut.add(found.oid());
      }
    }
    return new CapturedTables(filter.expression(), captured, leftOut, now.version(), 0);
  }

  /**
   * What has become of the tables. One that joined is to be read in full, but for a table that was
   * created since: a publication for all tables has it from its first row on. All are, if the
   * publication's options were changed: it may have left out changes meanwhile.
   */
  CapturedTables next(CapturedTables known, PublishedNow now) {
    if (!known.isKnown()) {
      return first(now); // of a release that did not note tables: its snapshot was of all
    }
    boolean isAsItWas = known.publication() == 0 || known.publication() == now.version();
    boolean newAreWhole =
        isAsItWas && now.isForAllTables() && known.filter().equals(filter.expression());
    if (!isAsItWas) {
      LOG.warn(
          "The publication's options were changed: it may have left out changes, so its tables are"
              + " read again while they stream");
    }
    Map<Long, CapturedTable> byOid = new HashMap<>();
    known.tables().forEach(table -> byOid.put(table.oid(), table));
    Set<Long> wereLeftOut = new HashSet<>(known.leftOut());
    List<CapturedTable> captured = new ArrayList<>();
    List<Long> leftOut = new ArrayList<>();
    for (Found found : now.tables()) {
      CapturedTable before = byOid.get(found.oid());
      if (!isCaptured(found)) {
        leftOut.add(found.oid());
      } else if (before != null && isSame(before, found)) {
        captured.add(isAsItWas ? before : anew(before));
      } else if (before == null && !wereLeftOut.contains(found.oid()) && newAreWhole) {
        captured.add(table(found, readingOfItsName(known, found)));
      } else {
        captured.add(joined(found));
      }
    }
    return new CapturedTables(
        filter.expression(), captured, leftOut, now.version(), known.settledFrom());
  }

  /**
   * A table is made anew between two looks: at the tables, which knew the old one, and at their
   * forms, which was the new one's already. What is to be read for it is noted of the old one then.
   */
  private static @Nullable Reading readingOfItsName(CapturedTables known, Found found) {
    return known
        .table(found.schema(), found.table())
        .map(CapturedTable::reading)
        .map(reading -> Reading.of(reading.reason()))
        .orElse(null);
  }

  private CapturedTable anew(CapturedTable table) {
    return wantsRows() ? table.with(Reading.of(Reason.JOINED)) : table;
  }

  private boolean isCaptured(Found found) {
    return found.membership() != null && filter.admits(found.schema(), found.table());
  }

  private static boolean isSame(CapturedTable before, Found found) {
    return before.isNamed(found.schema(), found.table())
        && found.membership() != null
        && before.membership() == found.membership();
  }

  private CapturedTable joined(Found found) {
    if (mode == SnapshotMode.NO_DATA) {
      LOG.info(
          "table={}.{} is captured from now on; what it has is not read, since"
              + " capture.snapshot-mode is no_data",
          found.schema(),
          found.table());
      return table(found, null);
    }
    LOG.info(
        "table={}.{} is captured from now on; what it has is read while the others stream",
        found.schema(),
        found.table());
    return table(found, Reading.of(Reason.JOINED));
  }

  private static CapturedTable table(Found found, @Nullable Reading reading) {
    long membership = found.membership() == null ? 0 : found.membership();
    return new CapturedTable(found.schema(), found.table(), found.oid(), membership, reading);
  }
}
