package io.kappacdc.chaos.stack;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;

/**
 * Copies a server's files while it works, with PostgreSQL's own functions for that. Source: the
 * manual's chapter "Making a Base Backup Using the Low Level API".
 */
final class PostgresBackup {
  private static final String DATA = "data";
  private static final String WAL = "pg_wal";
  private static final Path CONTROL = Path.of("global", "pg_control");

  /** Whose content belongs to the server that runs. */
  private static final Set<Path> EMPTY =
      Set.of(
          Path.of(WAL),
          Path.of("pg_replslot"),
          Path.of("pg_dynshmem"),
          Path.of("pg_notify"),
          Path.of("pg_serial"),
          Path.of("pg_snapshots"),
          Path.of("pg_stat_tmp"),
          Path.of("pg_subtrans"));

  private static final Set<Path> ABSENT =
      Set.of(Path.of("postmaster.pid"), Path.of("postmaster.opts"));

  private PostgresBackup() {}

  /** Copies all but the log, which a standby gets from the server itself. */
  static void takeWithoutLog(Connection server, Path from, Path to)
      throws SQLException, IOException {
    take(server, from, to);
  }

  /** Copies all with the log up to the backup's end, at least. */
  static void takeWithLog(Connection server, Path from, Path to) throws SQLException, IOException {
    take(server, from, to);
    try (var segments = Files.list(from.resolve(DATA).resolve(WAL))) {
      for (Path segment : (Iterable<Path>) segments::iterator) {
        if (Files.isRegularFile(segment)) {
          copyIfThere(
              segment, to.resolve(DATA).resolve(WAL).resolve(segment.getFileName().toString()));
        }
      }
    }
  }

  private static void take(Connection server, Path from, Path to) throws SQLException, IOException {
    Files.createDirectories(to);
    Files.copy(from.resolve("password"), to.resolve("password"));
    try (Statement statement = server.createStatement()) {
      statement.execute("SELECT pg_backup_start('kappa chaos', true)");
      copyTree(from.resolve(DATA), to.resolve(DATA));
      try (ResultSet row = statement.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
        row.next();
        Files.writeString(to.resolve(DATA).resolve("backup_label"), row.getString(1));
      }
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes of)
              throws IOException {
            Path relative = from.relativize(directory);
            Path copy = to.resolve(relative.toString());
            Files.createDirectories(copy);
            Files.setPosixFilePermissions(copy, Files.getPosixFilePermissions(directory));
            return EMPTY.contains(relative)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes of) throws IOException {
            Path relative = from.relativize(file);
            if (!ABSENT.contains(relative) && !relative.equals(CONTROL)) {
              copyIfThere(file, to.resolve(relative.toString()));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE; // the server has removed it meanwhile
            }
            throw e;
          }
        });
    copyIfThere(from.resolve(CONTROL.toString()), to.resolve(CONTROL.toString()));
  }

  private static void copyIfThere(Path file, Path to) throws IOException {
    try {
      Files.copy(file, to);
    } catch (NoSuchFileException e) {
      // The server has removed it meanwhile.
      return;
    }
  }

  /** Makes a copy one that recovers from another server's log until it is promoted. */
  static void makeStandby(Path directory) throws IOException {
    Files.createFile(directory.resolve(DATA).resolve("standby.signal"));
  }
}
