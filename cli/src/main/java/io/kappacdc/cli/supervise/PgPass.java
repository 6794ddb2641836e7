package io.kappacdc.cli.supervise;

import io.kappacdc.runtime.KappaHome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.Map;

/**
 * The passwords of the embedded databases in the form that psql and every other program of
 * PostgreSQL reads when {@code PGPASSFILE} names the file. Only its owner may read it.
 */
final class PgPass {
  static final String FILE = "pgpass";

  private PgPass() {}

  static void write(KappaHome home, Map<String, String> values, Collection<String> embedded) {
    StringBuilder lines = new StringBuilder();
    for (String section : embedded) {
      String password = values.get(section + ".password");
      if (password != null) {
        String hostPortDatabase = values.get(section + ".url").replaceFirst("^.*//", "");
        lines
            .append(hostPortDatabase.replaceFirst("/.*", ":*:")) // any database of that server
            .append(values.get(section + ".user"))
            .append(':')
            .append(password)
            .append('\n');
      }
    }
    try {
      Path file = home.resolve(FILE);
      Files.deleteIfExists(file);
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
