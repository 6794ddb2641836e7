package io.kappacdc.cli.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.kappacdc.runtime.KappaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * On commits that the processor wrote in a run of {@code kappa bench --spec=smoke}: table
 * fund_unit, versions 0 and 1 of trail and mirror. To renew them, run that and copy the files from
 * the lake.
 */
class DeltaLogReaderTest {
  private static final Path RECORDED = Path.of("src/test/resources/bench/delta");
  private static final String FIRST = "00000000000000000000.json";
  private static final String SECOND = "00000000000000000001.json";
  private static final PartitionId P0 = new PartitionId("pgsrc.public.fund_unit", 0);
  private static final PartitionId P1 = new PartitionId("pgsrc.public.fund_unit", 1);

  @TempDir Path lake;

  private static Path recorded(String store, String commit) {
    return RECORDED.resolve(store).resolve("public.fund_unit/_delta_log").resolve(commit);
  }

  private Path copy(String store, String commit, long millis) throws Exception {
    Path log = lake.resolve(store).resolve("public.fund_unit/_delta_log");
    Files.createDirectories(log);
    Path file = Files.copy(recorded(store, commit), log.resolve(commit));
    Files.setLastModifiedTime(file, FileTime.from(millis, TimeUnit.MILLISECONDS));
    return file;
  }

  @Test
  void theTrailNotesItsOffsetsAsTransactionIdentifiers() throws Exception {
    assertThat(DeltaCommit.read(recorded("trail", SECOND)))
        .isEqualTo(new DeltaCommit(Map.of(P0, 386L, P1, 414L), 2));
  }

  @Test
  void theMirrorNotesItsOffsetsInTheCommitsMetadata() throws Exception {
    DeltaCommit append = DeltaCommit.read(recorded("mirror", FIRST));
    DeltaCommit merge = DeltaCommit.read(recorded("mirror", SECOND));

    assertThat(append.nextOffsets().keySet()).containsExactlyInAnyOrder(P0, P1);
    assertThat(merge.nextOffsets().get(P0)).isGreaterThan(append.nextOffsets().get(P0));
    assertThat(merge.nextOffsets().get(P1)).isGreaterThan(append.nextOffsets().get(P1));
  }

  @Test
  void aVersionIsVisibleFromTheTimeOfItsFile() throws Exception {
    Stage committed = new Stage("log");
    Stage seen = new Stage("seen");
    DeltaLogReader reader = new DeltaLogReader(lake.resolve("trail"), committed, seen);
    reader.look(); // there is no table yet
    copy("trail", FIRST, 1_000_000);
    copy("trail", SECOND, 1_002_500);

    lookUntil(reader, 2);

    DeltaCommit first = DeltaCommit.read(recorded("trail", FIRST));
    long offset = first.nextOffsets().get(P0);
    Timeline.Cursor cursor = committed.timeline(P0).cursor();
    assertThat(committed.timeline(P0).microsOf(cursor.entryOf(offset - 1)))
        .isEqualTo(1_000_000_000L);
    assertThat(committed.timeline(P0).microsOf(cursor.entryOf(offset))).isEqualTo(1_002_500_000L);
    assertThat(cursor.entryOf(386)).isEqualTo((int) Timeline.NEVER);
    assertThat(seen.timeline(P0).size()).isEqualTo(2);
  }

  @Test
  void aTableThatIsThereIsFollowedFromItsNewestVersion() throws Exception {
    copy("mirror", FIRST, 1_000_000);
    copy("mirror", SECOND, 1_002_000);
    Stage committed = new Stage("log");
    DeltaLogReader reader =
        new DeltaLogReader(lake.resolve("mirror"), committed, new Stage("seen"));

    lookUntil(reader, 1);

    assertThat(committed.stepMicros()).containsExactly(1_002_000_000L);
  }

  private static void lookUntil(DeltaLogReader reader, long commits) throws Exception {
    org.awaitility.Awaitility.await()
        .until(
            () -> {
              reader.look();
              return reader.commits() >= commits;
            });
  }

  @Test
  void onlyALakeOnALocalDiskCanBeTimed() {
    assertThat(DeltaLogReader.localDirectory("/srv/lake", "trail"))
        .isEqualTo(Path.of("/srv/lake/trail"));
    assertThat(DeltaLogReader.localDirectory("file:///srv/lake", "trail"))
        .isEqualTo(Path.of("/srv/lake/trail"));
    assertThatExceptionOfType(KappaException.class)
        .isThrownBy(() -> DeltaLogReader.localDirectory("s3a://b/lake", "trail"))
        .satisfies(
            e -> assertThat(e.reason()).isEqualTo("the lake is not on a local disk: s3a://b/lake"));
  }
}
