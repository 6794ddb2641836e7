package io.kappacdc.processor.lake;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Which files of a mirror to copy together next. Files are in tiers by the size of their live rows;
 * a tier that has enough of them becomes one file of a higher tier, so that each row is copied a
 * few times in its life and a mirror has some tens of files at most. A large file is copied alone
 * once many of its rows are dead.
 */
final class FoldPlan {
  private static final long KIB = 1024;
  private static final long MIB = 1024 * KIB;

  /** Live bytes below which a file is in a tier, and how many such files make a fold. */
  private record Tier(long bytesBelow, int files) {}

  private static final List<Tier> TIERS =
      List.of(
          new Tier(256 * KIB, 16),
          new Tier(2 * MIB, 16),
          new Tier(16 * MIB, 10),
          new Tier(64 * MIB, 4));

  /** Bounds of what one fold copies: the batches that follow wait for its rows to be re-indexed. */
  private static final long BYTES_MAX = 128 * MIB;

  private static final long ROWS_MAX = 1_000_000;

  /** A file with so many live rows is large, however small its rows are. */
  private static final long LARGE_ROWS = ROWS_MAX / 2;

  private static final double DEAD_SHARE_MAX = 0.3;

  private FoldPlan() {}

  /** The files to copy together; empty if nothing is due. */
  static List<MirrorFile> next(Collection<MirrorFile> files) {
    List<List<MirrorFile>> tiers = new ArrayList<>();
    TIERS.forEach(tier -> tiers.add(new ArrayList<>()));
    for (MirrorFile file : files) {
      int tier = tier(file);
      if (tier < TIERS.size()) {
        tiers.get(tier).add(file);
      } else if (file.deadRows() > DEAD_SHARE_MAX * file.rows()) {
        return List.of(file);
      }
    }
    for (int i = 0; i < TIERS.size(); i++) {
      if (tiers.get(i).size() >= TIERS.get(i).files()) {
        return within(tiers.get(i));
      }
    }
    return List.of();
  }

  private static int tier(MirrorFile file) {
    if (file.liveRows() >= LARGE_ROWS) {
      return TIERS.size();
    }
    long bytes = liveBytes(file);
    for (int i = 0; i < TIERS.size(); i++) {
      if (bytes < TIERS.get(i).bytesBelow()) {
        return i;
      }
    }
    return TIERS.size();
  }

  private static long liveBytes(MirrorFile file) {
    return file.rows() <= 0
        ? file.sizeBytes()
        : (long) ((double) file.sizeBytes() * file.liveRows() / file.rows());
  }

  /** Oldest first, as many as one fold may copy, at least two. */
  private static List<MirrorFile> within(List<MirrorFile> tier) {
    List<MirrorFile> chosen = new ArrayList<>();
    long bytes = 0;
    long rows = 0;
    for (MirrorFile file :
        tier.stream().sorted(Comparator.comparingInt(MirrorFile::number)).toList()) {
      bytes += liveBytes(file);
      rows += file.liveRows();
      if (chosen.size() >= 2 && (bytes > BYTES_MAX || rows > ROWS_MAX)) {
        break;
      }
      chosen.add(file);
    }
    return chosen;
  }
}
