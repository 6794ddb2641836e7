package io.kappacdc.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The directory of one server, claimed by this process alone until closed, and what it remembers
 * between runs. The claim ends with the process, however that ends.
 */
final class ServerDirectory implements AutoCloseable {
  /**
   * Directories claimed by this JVM. The operating system's lock alone does not do: it does not
   * exclude a second claim in the same process, and closing any file handle of it releases it.
   */
  private static final Set<Path> CLAIMED = ConcurrentHashMap.newKeySet();

  private static final long LOCK_POSITION = Long.MAX_VALUE - 1; // out of the way of the content

  private final Path path;
  private final FileChannel lockFile;

  private ServerDirectory(Path path, FileChannel lockFile) {
    this.path = path;
    this.lockFile = lockFile;
  }

  /** Creates the directory when missing; fails when another live process has claimed it. */
  static ServerDirectory claim(String server, Path directory) {
    try {
      Files.createDirectories(directory);
      Path path = directory.toRealPath();
      if (!CLAIMED.add(path)) {
        throw StackErrors.directoryInUse(server, path, Long.toString(ownPid()));
      }
      try {
        makePrivate(path);
        return new ServerDirectory(path, lock(server, path));
      } catch (IOException | RuntimeException e) {
        CLAIMED.remove(path);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FileChannel lock(String server, Path path) throws IOException {
    Path file = path.resolve("owner.pid");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = channel.tryLock(LOCK_POSITION, 1, false);
    if (lock == null) {
      channel.close();
      throw StackErrors.directoryInUse(server, path, Files.readString(file).strip());
    }
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(Long.toString(ownPid()).getBytes(StandardCharsets.US_ASCII)));
    return channel;
  }

  private static void makePrivate(Path path) throws IOException {
    if (!Platform.isWindows()) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
    }
  }

  private static long ownPid() {
    return ProcessHandle.current().pid();
  }

  Path path() {
    return path;
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  Path log() {
    return path.resolve("server.log");
  }

  /** The port this server had last time if nobody else has it now, a new one otherwise. */
  int port(String name) {
    int port =
        read(name)
            .map(Integer::parseInt)
            .filter(LoopbackPorts::isFree)
            .orElseGet(LoopbackPorts::findFree);
    write(name, Integer.toString(port));
    return port;
  }

  Optional<String> read(String name) {
    try {
      Path file = path.resolve(name);
      return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void write(String name, String content) {
    try {
      Files.writeString(path.resolve(name), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void remove(String name) {
    try {
      Files.deleteIfExists(path.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      lockFile.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      CLAIMED.remove(path);
    }
  }
}
