package io.kappacdc.stack;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * A process of its own that unpacks PostgreSQL's programs: the libraries it needs stay off the
 * caller's class path.
 *
 * <p>Arguments: the jar with the archive, and the directory to create. The directory appears whole
 * or not at all, and once, however many processes try at the same time.
 */
public final class PostgresUnpackMain {
  private static final int OWNER_EXECUTES = 0100;
  private static final int BUFFER_BYTES = 1 << 16;

  private PostgresUnpackMain() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      throw new IllegalArgumentException("Usage: PostgresUnpackMain JAR DIRECTORY");
    }
    Path target = Path.of(args[1]).toAbsolutePath();
    Files.createDirectories(target.getParent());
    Path lockFile = target.resolveSibling(target.getFileName() + ".lock");
    try (var channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var lock = channel.lock()) {
      if (!Files.exists(target)) {
        unpack(Path.of(args[0]), target);
      }
    }
  }

  private static void unpack(Path jar, Path target) throws IOException {
    Path partial = target.resolveSibling(target.getFileName() + ".partial");
    FileTrees.delete(partial);
    try (var jarFile = new JarFile(jar.toFile())) {
      JarEntry archive =
          jarFile.stream()
              .filter(entry -> entry.getName().endsWith(".txz"))
              .findFirst()
              .orElseThrow(() -> new IOException("No .txz archive in " + jar));
      try (InputStream in = jarFile.getInputStream(archive);
          var tar =
              new TarArchiveInputStream(
                  new XZInputStream(new BufferedInputStream(in, BUFFER_BYTES)))) {
        for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
          extract(tar, entry, partial);
        }
      }
    }
    Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void extract(TarArchiveInputStream tar, TarArchiveEntry entry, Path directory)
      throws IOException {
    Path path = directory.resolve(entry.getName()).normalize();
    if (!path.startsWith(directory)) {
      throw new IOException("The archive's entry leaves its directory: " + entry.getName());
    }
    if (entry.isDirectory()) {
      Files.createDirectories(path);
      return;
    }
    Files.createDirectories(path.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
    } else {
      Files.copy(tar, path);
      if ((entry.getMode() & OWNER_EXECUTES) != 0) {
        path.toFile().setExecutable(true, false);
      }
    }
  }
}
