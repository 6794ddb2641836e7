package io.kappacdc.cli.console;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.ListenAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;

/**
 * Serves the page and its data on threads of its own and within bounds: {@value #THREADS_MAX}
 * requests at a time, {@value #REQUEST_SECONDS_MAX} seconds for one to arrive, no request bodies.
 */
final class ConsoleServer implements AutoCloseable {
  static final int THREADS_MAX = 6;
  static final int REQUEST_SECONDS_MAX = 5;

  private static final int ANSWER_SECONDS_MAX = 30;
  private static final int CONNECTIONS_MAX = 64;
  private static final int WAITING_MAX = 32;
  private static final int BACKLOG = 16;
  private static final int COMPRESSED_BYTES_MIN = 1_000;
  private static final String POLICY =
      "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self';"
          + " frame-ancestors 'none'";

  private final HttpServer server;
  private final ThreadPoolExecutor threads = threads();
  private final Access access;
  private final Pages pages = new Pages();
  private final Api api;
  private final String url;

  private ConsoleServer(HttpServer server, ListenAddress address, Access access, Api api) {
    this.server = server;
    this.access = access;
    this.api = api;
    InetSocketAddress bound = server.getAddress();
    String host = bound.getAddress().isAnyLocalAddress() ? "127.0.0.1" : address.host();
    this.url = "http://" + new ListenAddress(host, bound.getPort()) + '/';
  }

  /**
   * Starts it.
   *
   * @throws KappaException if the address cannot be had
   */
  static ConsoleServer start(ListenAddress address, Access access, Api api) {
    property("sun.net.httpserver.maxReqTime", Integer.toString(REQUEST_SECONDS_MAX));
    property("sun.net.httpserver.maxRspTime", Integer.toString(ANSWER_SECONDS_MAX));
    property("sun.net.httpserver.idleInterval", Integer.toString(ANSWER_SECONDS_MAX));
    property("sun.net.httpserver.nodelay", "true");
    property("jdk.httpserver.maxConnections", Integer.toString(CONNECTIONS_MAX));
    HttpServer server;
    try {
      server = HttpServer.create(new InetSocketAddress(address.host(), address.port()), BACKLOG);
    } catch (IOException | IllegalArgumentException e) {
      throw new KappaException(
          "Cannot serve the console on " + address,
          String.valueOf(e.getMessage()),
          "Set console.http-address to another address, to 127.0.0.1:0 for any free port, or to"
              + " off.",
          e);
    }
    ConsoleServer started = new ConsoleServer(server, address, access, api);
    server.setExecutor(started.threads);
    server.createContext("/", started::handle);
    server.start();
    return started;
  }

  /** The JDK's server has its limits in properties, which it reads when it is first used. */
  private static void property(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }

  private static ThreadPoolExecutor threads() {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS_MAX,
            THREADS_MAX,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            task -> {
              Thread thread = new Thread(task, "console-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  private void handle(HttpExchange exchange) {
    try (exchange) {
      send(exchange, answer(exchange));
    } catch (IOException e) {
      // The browser went away.
    }
  }

  private Answer answer(HttpExchange exchange) {
    Headers headers = exchange.getRequestHeaders();
    if (hasBody(headers)) {
      exchange.getResponseHeaders().set("Connection", "close");
      return Answer.text(413, "no request bodies here");
    }
    if (!access.isMeantForUs(headers)) {
      return Answer.text(421, "this is not the host that the request names");
    }
    String path = exchange.getRequestURI().getPath();
    boolean isAction = path.startsWith(Api.ACTIONS);
    String method = exchange.getRequestMethod();
    if (isAction ? !method.equals("POST") : !method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", isAction ? "POST" : "GET, HEAD");
      return Answer.text(405, isAction ? "POST only" : "GET or HEAD only");
    }
    try {
      if (isAction) {
        return api.act(
            path.substring(Api.ACTIONS.length()), headers, Query.of(exchange.getRequestURI()));
      }
      return path.startsWith(Api.DATA)
          ? data(exchange, path.substring(Api.DATA.length()))
          : pages.page(path).orElseGet(() -> Answer.text(404, "there is no such page"));
    } catch (RequestException e) {
      return Answer.failure(e);
    } catch (RuntimeException e) {
      return Answer.failure(
          500, "That could not be found out", e.toString(), "Try again; report it if it stays.");
    }
  }

  private Answer data(HttpExchange exchange, String name) {
    if (!access.mayRead(exchange.getRequestHeaders())) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
      return Answer.failure(
          401,
          "The console shows nothing without its token",
          "it is served at an address that others reach",
          "Give the value of console.token.");
    }
    return api.data(name, Query.of(exchange.getRequestURI()));
  }

  private static boolean hasBody(Headers headers) {
    String length = headers.getFirst("Content-Length");
    return headers.containsKey("Transfer-Encoding")
        || (length != null && !length.trim().equals("0"));
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", answer.contentType());
    headers.set("Content-Security-Policy", POLICY);
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Vary", "Accept-Encoding");
    headers.set("Cache-Control", answer.tag() == null ? "no-store" : "no-cache");
    if (answer.tag() != null) {
      headers.set("ETag", answer.tag());
      if (answer.tag().equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
        exchange.sendResponseHeaders(304, -1);
        return;
      }
    }
    byte[] body = answer.body();
    String encodings = exchange.getRequestHeaders().getFirst("Accept-Encoding");
    if (body.length > COMPRESSED_BYTES_MIN && encodings != null && encodings.contains("gzip")) {
      headers.set("Content-Encoding", "gzip");
      body = compressed(body);
    }
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(answer.status(), -1);
    } else {
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static byte[] compressed(byte[] body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length / 3);
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(body);
    }
    return bytes.toByteArray();
  }

  /** Where it is to be found, {@code http://host:port/}. */
  String url() {
    return url;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
