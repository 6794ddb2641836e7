package io.kappacdc.processor.stream;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathFilter;
import org.apache.hadoop.fs.PositionedReadable;
import org.apache.hadoop.fs.Seekable;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.streaming.CheckpointFileManager;

/**
 * Spark's checkpoint in the driver's memory. Positions live in the sinks, and every query begins
 * with a checkpoint of its own, so nothing ever reads one after the process has ended; on a disk it
 * would cost two files a micro-batch. Spark makes an object for each of its logs, by reflection:
 * what they hold is shared. Thread-safe.
 */
public final class MemoryCheckpoint implements CheckpointFileManager {
  /** Content by path; a directory's path ends with a slash and has none. */
  private static final NavigableMap<String, byte[]> FILES = new ConcurrentSkipListMap<>();

  private static final byte[] DIRECTORY = new byte[0];

  private final Path root;

  /** Called by Spark. */
  public MemoryCheckpoint(Path root, Configuration hadoop) {
    this.root = root;
  }

  /** Makes the streaming queries of a session keep their checkpoints here. */
  static SparkSession in(SparkSession session) {
    session
        .conf()
        .set("spark.sql.streaming.checkpointFileManagerClass", MemoryCheckpoint.class.getName());
    return session;
  }

  /** Frees what the checkpoint at this path holds. */
  static void forget(Path checkpoint) {
    below(checkpoint).clear();
    FILES.remove(name(checkpoint));
  }

  private static NavigableMap<String, byte[]> below(Path directory) {
    String prefix = name(directory) + "/";
    return FILES.subMap(prefix, true, prefix + Character.MAX_VALUE, false);
  }

  /** Spark catches it, though its Scala trait does not declare it. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> E undeclared(IOException error) throws E {
    throw (E) error;
  }

  private static String name(Path path) {
    return path.toUri().getPath();
  }

  @Override
  public CancellableFSDataOutputStream createAtomic(Path path, boolean overwriteIfPossible) {
    Content content =
        new Content(
            bytes -> {
              byte[] old =
                  overwriteIfPossible
                      ? FILES.put(name(path), bytes)
                      : FILES.putIfAbsent(name(path), bytes);
              if (old != null && !overwriteIfPossible) {
                throw new FileAlreadyExistsException(path.toString());
              }
            });
    return new AtomicStream(content);
  }

  @Override
  public FSDataInputStream open(Path path) {
    byte[] bytes = FILES.get(name(path));
    if (bytes == null) {
      throw MemoryCheckpoint.<RuntimeException>undeclared(
          new FileNotFoundException(path.toString()));
    }
    return new FSDataInputStream(new Reading(bytes));
  }

  @Override
  public FileStatus[] list(Path path, PathFilter filter) {
    if (!exists(path)) {
      throw MemoryCheckpoint.<RuntimeException>undeclared(
          new FileNotFoundException(path.toString()));
    }
    String prefix = name(path) + "/";
    return below(path).entrySet().stream()
        .filter(file -> isChild(file.getKey().substring(prefix.length())))
        .map(file -> status(path, file))
        .filter(status -> filter.accept(status.getPath()))
        .toArray(FileStatus[]::new);
  }

  private static boolean isChild(String relative) {
    int slash = relative.indexOf('/');
    return !relative.isEmpty() && (slash < 0 || slash == relative.length() - 1);
  }

  private static FileStatus status(Path directory, Map.Entry<String, byte[]> file) {
    boolean isDirectory = file.getKey().endsWith("/");
    String[] names = file.getKey().split("/");
    return new FileStatus(
        file.getValue().length, isDirectory, 1, 1, 0, new Path(directory, names[names.length - 1]));
  }

  @Override
  public void mkdirs(Path path) {
    FILES.put(name(path) + "/", DIRECTORY);
  }

  @Override
  public boolean exists(Path path) {
    return FILES.containsKey(name(path)) || !below(path).isEmpty();
  }

  @Override
  public void delete(Path path) {
    forget(path);
  }

  @Override
  public boolean isLocal() {
    return true;
  }

  @Override
  public Path createCheckpointDirectory() {
    mkdirs(root);
    return root;
  }

  @FunctionalInterface
  private interface Store {
    void put(byte[] bytes) throws IOException;
  }

  /** Collects what is written and stores it when closed. */
  private static final class Content extends ByteArrayOutputStream {
    private final Store store;
    private boolean isOpen = true;

    Content(Store store) {
      this.store = store;
    }

    void cancel() {
      isOpen = false;
    }

    @Override
    public void close() throws IOException {
      if (isOpen) {
        isOpen = false;
        store.put(toByteArray());
      }
    }
  }

  private static final class AtomicStream extends CancellableFSDataOutputStream {
    private final Content content;

    AtomicStream(Content content) {
      super(content);
      this.content = content;
    }

    @Override
    public void cancel() {
      content.cancel();
    }
  }

  /** What {@link FSDataInputStream} asks of its source. */
  private static final class Reading extends ByteArrayInputStream
      implements Seekable, PositionedReadable {
    Reading(byte[] bytes) {
      super(bytes);
    }

    @Override
    public void seek(long position) {
      pos = Math.toIntExact(position);
    }

    @Override
    public long getPos() {
      return pos;
    }

    @Override
    public boolean seekToNewSource(long position) {
      return false;
    }

    @Override
    public int read(long position, byte[] buffer, int offset, int length) {
      int available = (int) Math.min(length, Math.max(0, count - position));
      if (available == 0) {
        return -1;
      }
      System.arraycopy(buf, Math.toIntExact(position), buffer, offset, available);
      return available;
    }

    @Override
    public void readFully(long position, byte[] buffer, int offset, int length) throws IOException {
      if (read(position, buffer, offset, length) < length) {
        throw new EOFException();
      }
    }

    @Override
    public void readFully(long position, byte[] buffer) throws IOException {
      readFully(position, buffer, 0, buffer.length);
    }
  }
}
