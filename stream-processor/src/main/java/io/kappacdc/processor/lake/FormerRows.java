package io.kappacdc.processor.lake;

import io.kappacdc.event.ChangeEvent;
import io.kappacdc.event.Position;
import io.kappacdc.event.wire.EventReader;
import io.kappacdc.event.wire.EventWriter;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the rows whose keys a batch changes had come to in that batch, right before they left their
 * old keys. {@link FormerRowsTask} writes it; it holds a row for each such change that the batch
 * touched before.
 */
final class FormerRows {
  private static final int UNTOUCHED = -1;
  private static final int GONE = -2;

  /** A row right before it left its key. */
  sealed interface Former {
    /** The batch has not touched it before: it is as the mirror has it. */
    record Untouched() implements Former {}

    /** There is no such row. */
    record Gone() implements Former {}

    /**
     * What the batch has made of it.
     *
     * @param event an update, with all that the batch knows, of the row that the mirror has; or the
     *     create that began the row, with what later updates made of it
     */
    record Changed(ChangeEvent event) implements Former {}
  }

  /**
   * Where the former rows of a topic are, and how far its slices are to be read.
   *
   * @param paths the files
   */
  record Files(ArrayList<String> paths, long upToLsn, long upToOrdinal) implements Serializable {
    Position upTo() {
      return new Position(upToLsn, upToOrdinal);
    }
  }

  private final Map<Position, Former> byDeparture = new HashMap<>();

  private FormerRows() {}

  /** The row whose delete has this position; null if the batch has no such delete. */
  @Nullable Former at(Position departure) {
    return byDeparture.get(departure);
  }

  static FormerRows read(List<String> paths, Configuration hadoop, EventReader events)
      throws IOException {
    FormerRows rows = new FormerRows();
    for (String name : paths) {
      Path path = new Path(name);
      try (DataInputStream in = path.getFileSystem(hadoop).open(path)) {
        for (int rest = in.readInt(); rest > 0; rest--) {
          Position departure = new Position(in.readLong(), in.readLong());
          int length = in.readInt();
          rows.byDeparture.put(
              departure,
              switch (length) {
                case UNTOUCHED -> new Former.Untouched();
                case GONE -> new Former.Gone();
                default -> new Former.Changed(events.read(in.readNBytes(length)));
              });
        }
      }
    }
    return rows;
  }

  static void write(String name, Configuration hadoop, Map<Position, Former> rows)
      throws IOException {
    Path path = new Path(name);
    EventWriter events = new EventWriter();
    try (DataOutputStream out = path.getFileSystem(hadoop).create(path, false)) {
      out.writeInt(rows.size());
      for (Map.Entry<Position, Former> row : rows.entrySet()) {
        out.writeLong(row.getKey().lsn());
        out.writeLong(row.getKey().ordinal());
        if (row.getValue() instanceof Former.Changed changed) {
          byte[] event = events.write(changed.event());
          out.writeInt(event.length);
          out.write(event);
        } else {
          out.writeInt(row.getValue() instanceof Former.Gone ? GONE : UNTOUCHED);
        }
      }
    }
  }
}
