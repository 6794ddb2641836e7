package io.kappacdc.capture;

import io.kappacdc.stack.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Servers that begin as copies of another's files: standbys, restored backups. */
final class PostgresCopies {
  private PostgresCopies() {}

  static EmbeddedPostgres.Builder builder(Path directory) {
    return EmbeddedPostgres.builder(directory)
        .setting("fsync", "off")
        .setting("shared_buffers", "16MB")
        .setting("wal_keep_size", "64MB");
  }

  /** Copies a server that is stopped. */
  static Path copy(Path directory, Path to) {
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path from, BasicFileAttributes of)
                throws IOException {
              Files.copy(from, target(from), StandardCopyOption.COPY_ATTRIBUTES);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path from, BasicFileAttributes of) throws IOException {
              Files.copy(from, target(from), StandardCopyOption.COPY_ATTRIBUTES);
              return FileVisitResult.CONTINUE;
            }

            private Path target(Path from) {
              return to.resolve(directory.relativize(from).toString());
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return to;
  }

  /** Makes the copy one that recovers until it is promoted. */
  static Path asStandby(Path directory) {
    try {
      Path signal = directory.resolve("data/standby.signal");
      Files.createFile(signal);
      Object owner = Files.getAttribute(directory.resolve("data/PG_VERSION"), "unix:uid");
      Files.setAttribute(signal, "unix:uid", owner);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return directory;
  }

  /** Promotes a standby, which puts it on a timeline of its own. */
  static void promote(EmbeddedPostgres standby) {
    try (Connection connection = standby.connect("postgres");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_promote(true, 60)")) {
      row.next();
      if (!row.getBoolean(1)) {
        throw new IllegalStateException("The standby was not promoted in time");
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
