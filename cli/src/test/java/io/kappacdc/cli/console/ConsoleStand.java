package io.kappacdc.cli.console;

import com.sun.net.httpserver.HttpServer;
import io.kappacdc.cli.config.Database;
import io.kappacdc.cli.supervise.FakeLauncher;
import io.kappacdc.cli.supervise.Launcher;
import io.kappacdc.runtime.KappaHome;
import io.kappacdc.runtime.config.ConfigLoader;
import io.kappacdc.stack.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A console for tests, one for all of them: on a real PostgreSQL with the product's own DDL, with
 * what capture and processor would serve, and a launcher whose subcommands do as they are told.
 */
final class ConsoleStand implements BeforeAllCallback, ParameterResolver {
  static final String TOKEN = "a-token-of-the-tests";
  static final String FUND = "pgsrc.public.fund";
  static final String LOG = "pgsrc.public.log";
  static final String ODD_SCHEMA = "we\"ird";
  static final String ODD_TABLE = "a'; DROP TABLE x; --<i>";
  static final String ODD = "pgsrc.odd";
  static final String HOSTILE =
      "<script>document.title='taken'</script><img src=x onerror=alert(1)>";

  /** What runs. */
  record Running(EmbeddedPostgres postgres, FakeLauncher fake, HttpServer metrics, Console console)
      implements AutoCloseable {
    Database database() {
      return new Database(postgres.jdbcUrl("postgres"), postgres.user(), postgres.password());
    }

    Map<String, String> config() {
      String metricsUrl = "http://127.0.0.1:" + metrics.getAddress().getPort();
      return Map.of(
          "sink.url", postgres.jdbcUrl("postgres"),
          "sink.user", postgres.user(),
          "sink.password", postgres.password(),
          "source.url", postgres.jdbcUrl("postgres"),
          "source.user", postgres.user(),
          "source.password", postgres.password(),
          "console.capture-url", metricsUrl,
          "console.processor-url", metricsUrl);
    }

    Console another(Map<String, String> more) {
      ConfigLoader loader = new ConfigLoader().flags(config()).flags(more);
      return Console.startIfOn(
              new Console.Settings(new KappaHome(fake.home()), loader::load, List.of()),
              new Launcher(fake.root().resolve("kappa")),
              note -> {})
          .orElseThrow();
    }

    void execute(String sql) throws SQLException {
      try (Connection connection = database().connect();
          Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }

    @Override
    public void close() {
      console.close();
      metrics.stop(0);
      postgres.stop();
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    running(context);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Running.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return running(context);
  }

  private static Running running(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(Namespace.create(ConsoleStand.class))
        .getOrComputeIfAbsent("running", key -> start(), Running.class);
  }

  private static Running start() {
    try {
      Path directory = Files.createTempDirectory("console-stand");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
      EmbeddedPostgres postgres =
          EmbeddedPostgres.builder(directory.resolve("sink")).setting("fsync", "off").start();
      FakeLauncher fake = FakeLauncher.in(directory);
      Running unfinished = new Running(postgres, fake, metrics(), null);
      makeTrails(unfinished);
      says(fake.home());
      Console console = unfinished.another(Map.of("console.token", TOKEN));
      return new Running(postgres, fake, unfinished.metrics(), console);
    } catch (IOException | SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      files
          .sorted(java.util.Comparator.reverseOrder())
          .map(Path::toFile)
          .forEach(java.io.File::delete);
    } catch (IOException e) {
      // It is a temporary directory.
    }
  }

  /** Each time somebody asks, ten changes have been captured, and five are in each store. */
  private static HttpServer metrics() throws IOException {
    AtomicLong times = new AtomicLong();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/metrics",
        exchange -> {
          long time = times.incrementAndGet();
          StringBuilder text = new StringBuilder("# HELP kappa_capture_events_total x\n");
          text.append("kappa_capture_events_total{table=\"public.fund\"} ").append(10 * time);
          text.append("\nkappa_capture_lag_seconds 0.25\n");
          for (String sink : Field.SINKS) {
            String label = "{sink=\"" + sink + "\"";
            text.append("kappa_processor_changes_total" + label + ",table=\"public.fund\"} ")
                .append(5 * time)
                .append("\nkappa_processor_batches_total" + label + "} ")
                .append(time)
                .append("\nkappa_processor_batch_seconds_sum" + label + ",phase=\"write\"} ")
                .append(time * 0.1)
                .append("\nkappa_processor_lag_events" + label + "} 3")
                .append(
                    "\nkappa_processor_lag_seconds"
                        + label
                        + "} "
                        + (sink.equals("postgres-trail") ? 61 : 1)
                        + '\n');
            for (String bound : List.of("0.5", "1.0", "+Inf")) {
              text.append("kappa_processor_latency_seconds_bucket" + label + ",le=\"")
                  .append(bound + "\"} ")
                  .append((bound.equals("0.5") ? 1 : 2) * time)
                  .append('\n');
            }
          }
          byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static void says(Path home) throws IOException {
    long now = System.currentTimeMillis() + 3_600_000; // it does not fall silent during the tests
    Files.writeString(
        home.resolve("capture-status.json"),
        "{\"writtenMillis\":" + now + ",\"phase\":\"STREAMING\",\"attempts\":1}");
    Files.writeString(
        home.resolve("processor-status.json"),
        "{\"writtenMillis\":"
            + now
            + ",\"sinks\":[{\"name\":\"postgres-trail\",\"running\":true,\"rows\":7,\"batches\":2,"
            + "\"stopped\":{\"pgsrc.public.log-0\":\"its column is <odd>\"}}]}");
  }

  private static String repository(String file) throws IOException {
    return Files.readString(
        Path.of(System.getProperty("kappa.root")).resolve("sql/sink").resolve(file));
  }

  private static void makeTrails(Running stand) throws IOException, SQLException {
    stand.execute(repository("ledger.sql"));
    stand.execute(repository("as-of.sql"));
    makeTable(
        stand,
        FUND,
        "public",
        "fund",
        "\"id\" integer, \"name\" text, \"price\" numeric(10,2),",
        "[\"id\"]");
    makeTable(stand, LOG, "public", "log", "\"line\" text,", "[]");
    makeTable(
        stand,
        ODD,
        ODD_SCHEMA,
        ODD_TABLE,
        "\"<b>\"\"k\" text, \"it's ${trail}\" text,",
        "[\"<b>\\\"k\"]");
    stand.execute(
        """
        INSERT INTO public.fund_trail VALUES
          ('r', '0/100', 1099511627777, 0, '2026-11-22 10:00:00Z', '2026-11-22 10:00:01Z', NULL, NULL, 1, 'one', 1.50),
          ('c', '0/200', 1, 70, '2026-11-22 10:00:02Z', '2026-11-22 10:00:03Z', NULL, NULL, 2, 'two', 2.50),
          ('u', '0/300', 1, 71, '2026-11-22 10:00:04Z', '2026-11-22 10:00:05Z', NULL, NULL, 1, 'one', 1.75),
          ('u', '0/300', 2, 71, '2026-11-22 10:00:04Z', '2026-11-22 10:00:05Z', NULL, '{name}', 2, NULL, 2.75),
          ('d', '0/400', 1, 72, '2026-11-22 10:00:06Z', '2026-11-22 10:00:07Z', '{"id":2}', NULL, 2, NULL, NULL);
        INSERT INTO public.log_trail VALUES
          ('c', '0/350', 1, 73, '2026-11-22 10:00:05Z', '2026-11-22 10:00:06Z', NULL, NULL, repeat('x', 5000));
        INSERT INTO kappa.ledger VALUES ('%1$s', 0, 1, '0/400', 1, now()), ('%2$s', 0, 1, '0/350', 1, now()),
          ('%3$s', 0, 1, '0/320', 1, now());
        INSERT INTO kappa.progress VALUES ('postgres-trail', '0/500', '2026-11-22 10:00:08Z', '{}', now(), 1);
        INSERT INTO kappa.moments VALUES ('0/100', '2026-11-22 10:00:00Z', '{}', now()),
          ('0/300', '2026-11-22 10:00:04Z', '{}', now()), ('0/500', '2026-11-22 10:00:08Z', '{}', now());
        INSERT INTO kappa.quarantine VALUES ('%1$s', 1, 17, 'no JSON', NULL, '<b>no</b>', now());
        CREATE VIEW public.fund_as_of AS
          SELECT t.id, t.name, t.price FROM (
            SELECT DISTINCT ON (t.id) t.* FROM public.fund_trail t
            WHERE t._kappa_lsn <= kappa.moment('%1$s')
            ORDER BY t.id, t._kappa_lsn DESC, t._kappa_ordinal DESC) t
          WHERE t._kappa_op <> 'd';
        COMMENT ON VIEW public.fund_as_of IS
          'The rows of public.fund at one moment of the source (kappa-cdc, docs/as-of.md) 0';
        """
            .formatted(FUND, LOG, ODD));
    stand.execute(
        """
        INSERT INTO %s VALUES
          ('c', '0/310', 1, 74, '2026-11-22 10:00:04Z', '2026-11-22 10:00:05Z', NULL, NULL, $v$%s$v$, 'old'),
          ('u', '0/320', 1, 75, '2026-11-22 10:00:05Z', '2026-11-22 10:00:06Z', NULL, NULL, $v$%s$v$, $v$%s$v$)
        """
            .formatted(
                TrailTable.quote(ODD_SCHEMA) + '.' + TrailTable.quote(ODD_TABLE + "_trail"),
                HOSTILE,
                HOSTILE,
                HOSTILE));
  }

  private static void makeTable(
      Running stand, String topic, String schema, String table, String columns, String key)
      throws IOException, SQLException {
    stand.execute(
        repository("trail.sql")
            .replace("${schema}", TrailTable.quote(schema))
            .replace("${table}", TrailTable.quote(table + "_trail"))
            .replace("${columns}", columns));
    stand.execute(
        "INSERT INTO kappa.tables VALUES ('%s', $v$%s$v$, $v$%s$v$, $v$%s$v$, $v$%s$v$, $v$%s$v$, '0/1', 1, now())"
            .formatted(topic, schema, table, schema, table + "_trail", "{\"key\":" + key + "}"));
  }
}
