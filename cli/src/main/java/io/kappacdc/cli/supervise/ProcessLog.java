package io.kappacdc.cli.supervise;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * Copies a process's output to a file that is replaced when it gets too long, with one older file
 * kept, and remembers the last lines. Thread-safe.
 */
final class ProcessLog {
  private static final long FILE_BYTES_MAX = 16L << 20;
  private static final int LINES_KEPT = 60;
  private static final int LINE_BYTES_KEPT = 500;

  private final Path file;
  private final Deque<String> lastLines = new ArrayDeque<>(LINES_KEPT);
  private OutputStream out;
  private long written;

  ProcessLog(Path file) throws IOException {
    this.file = file;
    Files.createDirectories(file.getParent());
    this.written = Files.exists(file) ? Files.size(file) : 0;
    this.out = open();
  }

  private OutputStream open() throws IOException {
    return Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  Path file() {
    return file;
  }

  /** The last lines of this run, the newest last. */
  synchronized List<String> tail() {
    return List.copyOf(lastLines);
  }

  /**
   * Copies to the input's end and closes the file.
   *
   * @param onLine gets each line, cut to a bound
   */
  void copy(InputStream input, Consumer<String> onLine) {
    byte[] buffer = new byte[8192];
    byte[] line = new byte[LINE_BYTES_KEPT];
    int length = 0;
    try (input) {
      for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
        for (int i = 0; i < read; i++) {
          if (buffer[i] == '\n') {
            endLine(new String(line, 0, length, StandardCharsets.UTF_8).stripTrailing(), onLine);
            length = 0;
          } else if (length < line.length) {
            line[length++] = buffer[i];
          }
        }
        write(buffer, read);
      }
    } catch (IOException e) {
      endLine("The log could not be written on: " + e.getMessage(), onLine);
    } finally {
      close();
    }
  }

  private void endLine(String line, Consumer<String> onLine) {
    synchronized (this) {
      if (lastLines.size() == LINES_KEPT) {
        lastLines.remove();
      }
      lastLines.add(line);
    }
    onLine.accept(line);
  }

  private synchronized void write(byte[] bytes, int length) throws IOException {
    if (written > FILE_BYTES_MAX) {
      out.close();
      Files.move(file, Path.of(file + ".1"), StandardCopyOption.REPLACE_EXISTING);
      out = open();
      written = 0;
    }
    out.write(bytes, 0, length);
    written += length;
  }

  private synchronized void close() {
    try {
      out.close();
    } catch (IOException e) {
      // Everything that could be written was.
    }
  }
}
