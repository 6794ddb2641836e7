package io.kappacdc.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.capture.resume.CapturedTable;
import io.kappacdc.capture.resume.CapturedTable.Reading;
import io.kappacdc.capture.resume.CapturedTable.Reason;
import io.kappacdc.capture.resume.CapturedTables;
import io.kappacdc.capture.source.PublishedNow;
import io.kappacdc.capture.source.PublishedNow.Found;
import io.kappacdc.runtime.config.CaptureConfig.SnapshotMode;
import io.kappacdc.runtime.config.TableFilter;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableRosterTest {
  private static final long PUBLICATION = 16_000;
  private static final long OLD = 17_000;
  private static final long NEW = 18_000;

  private final TableRoster roster = new TableRoster(TableFilter.ALL, SnapshotMode.INITIAL);
  private final CapturedTables known = roster.first(published(OLD));

  private static PublishedNow published(long oid) {
    return published(oid, 7);
  }

  private static PublishedNow published(long oid, long version) {
    return new PublishedNow(true, version, List.of(new Found("public", "fund", oid, PUBLICATION)));
  }

  private static CapturedTable fund(CapturedTables tables) {
    return tables.table("public", "fund").orElseThrow();
  }

  @Test
  void aTableMadeSinceHasAllItsRowsInTheLog() {
    CapturedTable made = fund(roster.next(known, published(NEW)));

    assertThat(made.oid()).isEqualTo(NEW);
    assertThat(made.reading()).isNull();
  }

  @Test
  void ofAPublicationWhoseOptionsWereChangedAllTablesAreRead() {
    assertThat(fund(roster.next(known, published(OLD, 8))).reading())
        .isEqualTo(Reading.of(Reason.JOINED));
    assertThat(fund(roster.next(known, published(NEW, 8))).reading())
        .isEqualTo(Reading.of(Reason.JOINED));
    assertThat(fund(roster.next(known, published(OLD))).reading()).isNull();
  }

  @Test
  void optionsThatAnOlderReleaseDidNotNoteAreThoseOfNow() {
    CapturedTables unnoted =
        new CapturedTables(known.filter(), known.tables(), known.leftOut(), 0, 0);

    CapturedTables next = roster.next(unnoted, published(OLD));

    assertThat(next).isEqualTo(known);
  }

  @Test
  void aTableMadeAnewIsReadAlthoughThatWasNoticedOfTheOldOne() {
    Reading begun = Reading.of(Reason.JOINED).to(List.of("7"), 7);

    CapturedTable made = fund(roster.next(known.with(fund(known).with(begun)), published(NEW)));

    assertThat(made.oid()).isEqualTo(NEW);
    assertThat(made.reading()).isEqualTo(Reading.of(Reason.JOINED));
  }
}
