package io.kappacdc.processor.postgres;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A line to a PostgreSQL server that breaks once, when a client says that its COPY is complete. */
final class LineThatBreaksAtCopyDone implements AutoCloseable {
  private static final byte[] COPY_DONE = {'c', 0, 0, 0, 4};
  private static final Pattern ADDRESS = Pattern.compile("//([^:/]+):(\\d+)/");

  private final ServerSocket server;
  private final String host;
  private final int port;
  private final String url;
  private final Queue<Closeable> open = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean isWhole = new AtomicBoolean(true);

  LineThatBreaksAtCopyDone(String url) throws IOException {
    Matcher address = ADDRESS.matcher(url);
    if (!address.find()) {
      throw new IllegalArgumentException(url);
    }
    this.host = address.group(1);
    this.port = Integer.parseInt(address.group(2));
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.url = address.replaceFirst("//127.0.0.1:" + server.getLocalPort() + "/");
    start(this::accept);
  }

  /** The JDBC URL by way of this line. */
  String url() {
    return url;
  }

  boolean hasBroken() {
    return !isWhole.get();
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "line");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (!server.isClosed()) {
        Socket client = server.accept();
        Socket database = new Socket(host, port);
        open.add(client);
        open.add(database);
        start(() -> pass(client, database, true));
        start(() -> pass(database, client, false));
      }
    } catch (IOException e) {
      // It was closed.
    }
  }

  private void pass(Socket from, Socket to, boolean breaks) {
    byte[] buffer = new byte[64 * 1024];
    byte[] last = new byte[COPY_DONE.length];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        last = last(last, buffer, length);
        if (breaks && Arrays.equals(last, COPY_DONE) && isWhole.compareAndSet(true, false)) {
          return;
        }
        out.write(buffer, 0, length);
        out.flush();
      }
    } catch (IOException e) {
      // The other end is gone, and so is this one.
    }
  }

  private static byte[] last(byte[] before, byte[] buffer, int length) {
    byte[] all = Arrays.copyOf(before, before.length + length);
    System.arraycopy(buffer, 0, all, before.length, length);
    return Arrays.copyOfRange(all, length, all.length);
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Closeable one : open) {
        one.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
