package io.kappacdc.chaos.agent;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;

/**
 * What is to happen at a point: the harness writes it, the agent reads it.
 *
 * @param id greater than that of all earlier orders
 * @param point name of the point
 * @param hit at which time the point is passed, from 1
 * @param millis of the pause, if it is one
 */
public record Order(long id, String point, int hit, Action action, long millis) {
  /** What happens. */
  public enum Action {
    /** The process ends at once, as by SIGKILL. */
    KILL,
    /** The call fails, with the kind of exception that it fails with when its server is away. */
    THROW,
    /** The thread stands still for a while. */
    PAUSE
  }

  /** Writes it where the agent of that role looks. */
  public void write(Path directory, String role) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("id", Long.toString(id));
    properties.setProperty("point", point);
    properties.setProperty("hit", Integer.toString(hit));
    properties.setProperty("action", action.name());
    properties.setProperty("millis", Long.toString(millis));
    StringWriter text = new StringWriter();
    properties.store(text, null);
    Path file = file(directory, role);
    Path partial = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(partial, text.toString());
    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  static Order read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    return new Order(
        Long.parseLong(properties.getProperty("id")),
        properties.getProperty("point"),
        Integer.parseInt(properties.getProperty("hit")),
        Action.valueOf(properties.getProperty("action")),
        Long.parseLong(properties.getProperty("millis")));
  }

  /** Takes an order back. */
  public static void revoke(Path directory, String role) throws IOException {
    Files.deleteIfExists(file(directory, role));
  }

  /** The id of the last order that was carried out; 0 if none was. */
  public static long lastDone(Path directory, String role) throws IOException {
    Path file = doneFile(directory, role);
    String id = Files.exists(file) ? Files.readString(file).strip() : "";
    return id.isEmpty() ? 0 : Long.parseLong(id); // empty while it is being written
  }

  static Path file(Path directory, String role) {
    return directory.resolve(role + ".order");
  }

  static Path doneFile(Path directory, String role) {
    return directory.resolve(role + ".done");
  }

  /** The file whose existence means that the disk is full for that role's Hadoop file system. */
  public static Path fullDiskFile(Path directory, String role) {
    return directory.resolve(role + ".disk-full");
  }
}
