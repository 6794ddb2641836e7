package io.kappacdc.capture.publish;

import io.kappacdc.event.TableSchema;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The encoded events of one source transaction, in order. Up to a number of bytes they are held in
 * memory, beyond that all of them are in a temporary file. Not thread-safe.
 */
final class EventBuffer implements AutoCloseable {
  /** What an event costs in memory beyond its bytes. */
  private static final int OVERHEAD_BYTES = 96;

  private static final String UNREADABLE = "Cannot read a large transaction's temporary file";

  /**
   * An event as it will be sent, but for its LSN.
   *
   * @param key record key; null for a table without key and for a truncate
   * @param body record value without the LSN
   * @param isSecondHalf whether it is the create of an update that changed the key: readers are to
   *     find it together with the delete before it
   */
  record EncodedEvent(
      TableSchema schema, long ordinal, byte @Nullable [] key, byte[] body, boolean isSecondHalf) {
    long bytes() {
      return OVERHEAD_BYTES + body.length + (key == null ? 0 : key.length);
    }
  }

  /** Hands out the events in order; frees nothing but itself when it is closed. */
  interface Cursor extends AutoCloseable {
    /** The next event; null behind the last. */
    @Nullable EncodedEvent next();

    @Override
    void close();
  }

  private final long memoryBytesMax;
  private final Map<TableSchema, Integer> schemaNumbers = new LinkedHashMap<>();
  private final List<TableSchema> schemas = new ArrayList<>();
  private List<EncodedEvent> events = new ArrayList<>();
  private long bytes;
  private long count;
  private @Nullable Path file;
  private @Nullable DataOutputStream spill;

  EventBuffer(long memoryBytesMax) {
    this.memoryBytesMax = memoryBytesMax;
  }

  void add(EncodedEvent event) {
    count++;
    bytes += event.bytes();
    if (!schemaNumbers.containsKey(event.schema())) {
      schemaNumbers.put(event.schema(), schemas.size());
      schemas.add(event.schema());
    }
    try {
      if (spill == null && bytes > memoryBytesMax) {
        startSpilling();
      }
      if (spill != null) {
        write(spill, event);
      } else {
        events.add(event);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write a large transaction to a temporary file", e);
    }
  }

  private void startSpilling() throws IOException {
    file = Files.createTempFile("kappa-transaction-", ".spill");
    DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
    spill = out;
    for (EncodedEvent event : events) {
      write(out, event);
    }
    events = new ArrayList<>();
  }

  private void write(DataOutputStream out, EncodedEvent event) throws IOException {
    out.writeInt(schemaNumbers.get(event.schema()));
    out.writeLong(event.ordinal());
    byte[] key = event.key();
    out.writeInt(key == null ? -1 : key.length);
    if (key != null) {
      out.write(key);
    }
    out.writeInt(event.body().length);
    out.write(event.body());
    out.writeBoolean(event.isSecondHalf());
  }

  Set<TableSchema> schemas() {
    return schemaNumbers.keySet();
  }

  long count() {
    return count;
  }

  boolean isSpilled() {
    return spill != null;
  }

  /** Bytes of all events, in memory or not. */
  long bytes() {
    return bytes;
  }

  /** Bytes held in memory. */
  long memoryBytes() {
    return spill == null ? bytes : 0;
  }

  /** All events from the first on; nothing may be added from here on. */
  Cursor cursor() {
    if (spill == null) {
      Iterator<EncodedEvent> iterator = events.iterator();
      return new Cursor() {
        @Override
        public @Nullable EncodedEvent next() {
          return iterator.hasNext() ? iterator.next() : null;
        }

        @Override
        public void close() {}
      };
    }
    try {
      spill.flush();
      return new FileCursor(
          new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16)));
    } catch (IOException e) {
      throw new UncheckedIOException(UNREADABLE, e);
    }
  }

  private final class FileCursor implements Cursor {
    private final DataInputStream in;
    private long rest = count;

    FileCursor(DataInputStream in) {
      this.in = in;
    }

    @Override
    public @Nullable EncodedEvent next() {
      if (rest == 0) {
        return null;
      }
      rest--;
      try {
        return read(in);
      } catch (IOException e) {
        throw new UncheckedIOException(UNREADABLE, e);
      }
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException e) {
        throw new UncheckedIOException(UNREADABLE, e);
      }
    }
  }

  private EncodedEvent read(DataInputStream in) throws IOException {
    TableSchema schema = schemas.get(in.readInt());
    long ordinal = in.readLong();
    int keyLength = in.readInt();
    byte[] key = keyLength < 0 ? null : in.readNBytes(keyLength);
    byte[] body = in.readNBytes(in.readInt());
    return new EncodedEvent(schema, ordinal, key, body, in.readBoolean());
  }

  /** Frees memory and file. */
  @Override
  public void close() {
    events = new ArrayList<>();
    try {
      if (spill != null) {
        spill.close();
      }
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot delete a large transaction's temporary file", e);
    }
  }
}
