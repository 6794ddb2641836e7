package io.kappacdc.telemetry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.ListenAddress;
import io.kappacdc.telemetry.Health.State;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code /metrics}, {@code /health}, {@code /livez} and {@code /readyz} to whoever may reach
 * the address, on threads of its own and within bounds: {@value #ANSWERS_MAX} answers at a time,
 * {@value #REQUEST_SECONDS_MAX} seconds for a request to arrive, no request bodies. There is no
 * access control and nothing secret.
 */
public final class HealthServer implements AutoCloseable {
  static final int ANSWERS_MAX = 4;
  static final int REQUEST_SECONDS_MAX = 5;

  private static final Logger LOG = LoggerFactory.getLogger(HealthServer.class);
  private static final int ANSWER_SECONDS_MAX = 30;
  private static final int CONNECTIONS_MAX = 64;
  private static final int THREADS_MAX = 2 * ANSWERS_MAX;
  private static final int WAITING_MAX = 32;
  private static final int BACKLOG = 16;
  private static final Set<String> METHODS = Set.of("GET", "HEAD");
  private static final String JSON = "application/json";
  private static final String TEXT = "text/plain; charset=utf-8";

  private final HttpServer server;
  private final ThreadPoolExecutor threads;
  private final Semaphore answers = new Semaphore(ANSWERS_MAX);
  private final String url;

  /** What a request gets. */
  private record Answer(int code, String contentType, String body) {
    static Answer text(int code, String line) {
      return new Answer(code, TEXT, line + '\n');
    }
  }

  private HealthServer(HttpServer server, ThreadPoolExecutor threads) {
    this.server = server;
    this.threads = threads;
    InetSocketAddress bound = server.getAddress();
    this.url =
        "http://"
            + new ListenAddress(
                bound.getAddress().isAnyLocalAddress()
                    ? "127.0.0.1"
                    : bound.getAddress().getHostAddress(),
                bound.getPort());
  }

  /**
   * Starts it where the configuration says.
   *
   * @param address {@code host:port}, or {@code off}
   * @return null if it is off
   */
  public static @Nullable HealthServer startIfOn(
      String address, String key, Meters meters, Supplier<Health> health) {
    return ListenAddress.parse(address)
        .map(given -> start(given, key, meters, health))
        .orElse(null);
  }

  /**
   * Starts it.
   *
   * @param key of the configuration that gave the address, for the error
   * @param health must not wait for anything
   * @throws KappaException if the address cannot be had
   */
  public static HealthServer start(
      ListenAddress address, String key, Meters meters, Supplier<Health> health) {
    limit("sun.net.httpserver.maxReqTime", REQUEST_SECONDS_MAX);
    limit("sun.net.httpserver.maxRspTime", ANSWER_SECONDS_MAX);
    limit("sun.net.httpserver.idleInterval", ANSWER_SECONDS_MAX);
    limit("jdk.httpserver.maxConnections", CONNECTIONS_MAX);
    HttpServer server;
    try {
      server = HttpServer.create(new InetSocketAddress(address.host(), address.port()), BACKLOG);
    } catch (IOException | IllegalArgumentException e) {
      throw new KappaException(
          "Cannot serve metrics and health on " + address,
          String.valueOf(e.getMessage()),
          "Set " + key + " to another address, to 127.0.0.1:0 for any free port, or to off.",
          e);
    }
    HealthServer started = new HealthServer(server, threads());
    started.serve(
        Map.of(
            "/metrics", () -> new Answer(200, Meters.contentType(), meters.scrape()),
            "/health", () -> health(health.get()),
            "/readyz", () -> ready(health.get()),
            "/livez", () -> Answer.text(200, "alive")));
    return started;
  }

  /** The JDK's server has its limits in properties, which it reads when it is first used. */
  private static void limit(String property, int value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(value));
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
              Thread thread = new Thread(task, "http-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  private void serve(Map<String, Supplier<Answer>> paths) {
    server.setExecutor(threads);
    server.createContext("/", exchange -> handle(exchange, paths));
    server.start();
    LOG.info("Serving metrics and health: url={}", url);
  }

  private static Answer health(Health health) {
    return new Answer(health.state() == State.DOWN ? 503 : 200, JSON, health.toJson());
  }

  private static Answer ready(Health health) {
    return health.ready()
        ? Answer.text(200, "ready")
        : Answer.text(503, "not ready: " + health.phase().toLowerCase(Locale.ROOT));
  }

  private void handle(HttpExchange exchange, Map<String, Supplier<Answer>> paths) {
    try (exchange) {
      send(exchange, answer(exchange, paths));
    } catch (IOException e) {
      LOG.debug("A client went away", e);
    }
  }

  private Answer answer(HttpExchange exchange, Map<String, Supplier<Answer>> paths) {
    if (hasBody(exchange)) {
      exchange.getResponseHeaders().set("Connection", "close");
      return Answer.text(413, "no request bodies here");
    }
    if (!METHODS.contains(exchange.getRequestMethod())) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      return Answer.text(405, "GET or HEAD only");
    }
    Supplier<Answer> path = paths.get(exchange.getRequestURI().getPath());
    if (path == null) {
      return Answer.text(404, "there are /metrics, /health, /livez and /readyz");
    }
    if (!answers.tryAcquire()) {
      exchange.getResponseHeaders().set("Retry-After", "1");
      return Answer.text(503, "too many requests at a time");
    }
    try {
      return path.get();
    } catch (RuntimeException e) {
      LOG.warn("Cannot answer {}: {}", exchange.getRequestURI().getPath(), e.toString());
      LOG.debug("Stack trace", e);
      return Answer.text(500, "it could not be found out; see the log");
    } finally {
      answers.release();
    }
  }

  private static boolean hasBody(HttpExchange exchange) {
    String length = exchange.getRequestHeaders().getFirst("Content-Length");
    return exchange.getRequestHeaders().containsKey("Transfer-Encoding")
        || (length != null && !length.trim().equals("0"));
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", answer.contentType());
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(answer.code(), -1);
    } else {
      exchange.sendResponseHeaders(answer.code(), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** Where it is to be found, {@code http://host:port}. */
  public String url() {
    return url;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
