package io.kappacdc.cli.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.kappacdc.cli.console.ConsoleStand.Running;
import io.kappacdc.runtime.KappaException;
import io.kappacdc.runtime.config.ConfigLoader;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the console answers, and whom. */
@ExtendWith(ConsoleStand.class)
class ConsoleTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Running stand;

  @BeforeEach
  void take(Running running) {
    stand = running;
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(stand.console().url()).resolve(path));
  }

  private Map<String, Object> get(String path) throws Exception {
    HttpResponse<String> response = send(request(path));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return Json.readObject(response.body().getBytes(StandardCharsets.UTF_8));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> list(Map<String, Object> of, String name) {
    return (List<Map<String, Object>>) of.get(name);
  }

  // What it shows

  @Test
  void theFeedHasTheNewestChangesOfATableWithTheRowBefore() throws Exception {
    List<Map<String, Object>> changes =
        list(get("/api/changes?topic=" + ConsoleStand.FUND + "&limit=4"), "changes");

    assertThat(changes)
        .extracting(c -> c.get("op") + " " + c.get("lsn") + "," + c.get("ordinal"))
        .containsExactly("d 0/400,1", "u 0/300,2", "u 0/300,1", "c 0/200,1");
    assertThat(changes.get(2).get("before")).isEqualTo(List.of("1", "one", "1.50"));
    assertThat(changes.get(2).get("after")).isEqualTo(List.of("1", "one", "1.75"));
    assertThat(changes.get(2).get("beforeFrom")).isEqualTo("trail");
    assertThat(changes.get(1).get("after")).isEqualTo(List.of("2", Map.of("unsent", true), "2.75"));
  }

  @Test
  void theFeedOfAllTablesIsInTheOrderOfTheSourceAndGoesOnBeforeAPlace() throws Exception {
    assertThat(list(get("/api/changes?limit=5"), "changes"))
        .extracting(c -> c.get("lsn"))
        .containsExactly("0/400", "0/350", "0/320", "0/310", "0/300");
    assertThat(list(get("/api/changes?limit=2&before=" + encoded("0/310,1")), "changes"))
        .extracting(c -> c.get("lsn") + "," + c.get("ordinal"))
        .containsExactly("0/300,2", "0/300,1");
  }

  @Test
  void aLongValueIsCut() throws Exception {
    Map<String, Object> change =
        list(get("/api/changes?topic=" + ConsoleStand.LOG), "changes").get(0);

    assertThat(change.get("after")).isEqualTo(List.of(Map.of("cut", "x".repeat(400))));
  }

  @Test
  void aRowsLifeIsItsChangesInOrder() throws Exception {
    Map<String, Object> life = get("/api/row?topic=" + ConsoleStand.FUND + "&key=2");

    assertThat(list(life, "changes")).extracting(c -> c.get("op")).containsExactly("c", "u", "d");
    assertThat(list(life, "changes").get(1).get("before")).isEqualTo(List.of("2", "two", "2.50"));
    assertThat(life.get("whole")).isEqualTo(true);
    assertThat(get("/api/row?topic=" + ConsoleStand.FUND + "&key=2&limit=1").get("whole"))
        .isEqualTo(false);
  }

  @Test
  void withoutAnIndexTheRowsHistorySaysWhichOneWouldHelp() throws Exception {
    String path = "/api/row?topic=" + ConsoleStand.FUND + "&key=1";
    assertThat(fund(path).get("keyIndexed")).isEqualTo(false);
    String index = String.valueOf(fund(path).get("index"));

    stand.execute(index);

    assertThat(index)
        .isEqualTo(
            "CREATE INDEX ON public.fund_trail (\"id\", _kappa_lsn DESC, _kappa_ordinal DESC);");
    assertThat(fund(path).get("keyIndexed")).isEqualTo(true);
    assertThat(
            list(
                    get("/api/changes?limit=1&topic=" + ConsoleStand.FUND + "&before=0/300,2"),
                    "changes")
                .get(0)
                .get("before"))
        .isEqualTo(List.of("1", "one", "1.50"));
    stand.execute("DROP INDEX public.fund_trail_id__kappa_lsn__kappa_ordinal_idx");
  }

  private Map<?, ?> fund(String path) throws Exception {
    return (Map<?, ?>) ((Map<?, ?>) get(path).get("tables")).get(ConsoleStand.FUND);
  }

  @Test
  void oddNamesAndHostileKeysAreNamesAndKeys() throws Exception {
    Map<String, Object> life =
        get("/api/row?topic=" + ConsoleStand.ODD + "&key=" + encoded(ConsoleStand.HOSTILE));

    assertThat(list(life, "changes")).extracting(c -> c.get("op")).containsExactly("c", "u");
    assertThat(list(life, "changes").get(1).get("after"))
        .isEqualTo(List.of(ConsoleStand.HOSTILE, ConsoleStand.HOSTILE));
    assertThat(
            list(
                get("/api/row?topic=" + ConsoleStand.ODD + "&key=" + encoded("' OR true --")),
                "changes"))
        .isEmpty();
  }

  @Test
  void whatCannotBeAskedForIsRefusedInWords() throws Exception {
    assertRefused("/api/row?topic=" + ConsoleStand.FUND + "&key=two", 400, "integer");
    assertRefused("/api/row?topic=" + ConsoleStand.FUND, 400, "id");
    assertRefused("/api/row?topic=" + ConsoleStand.LOG + "&key=1", 409, "no primary key");
    assertRefused("/api/changes?topic=pg_class", 404, "no trail");
    assertRefused("/api/changes?before=0", 400, "before");
    assertRefused("/api/as-of?topic=" + ConsoleStand.LOG, 409, "no view of moments");
    assertRefused(
        "/api/as-of?topic=" + ConsoleStand.FUND + "&at=2020-01-01T00:00:00Z", 409, "reach back");
    assertRefused("/api/nothing", 404, "nothing");
  }

  private void assertRefused(String path, int status, String words) throws Exception {
    HttpResponse<String> response = send(request(path));
    assertThat(response.statusCode()).as(path).isEqualTo(status);
    assertThat(response.body()).contains("problem", "cause", "remedy", words);
  }

  @Test
  void aTableIsShownAsItWasAtAMoment() throws Exception {
    String path = "/api/as-of?topic=" + ConsoleStand.FUND;

    Map<String, Object> then = get(path + "&at=" + encoded("2026-11-22T10:00:05Z"));
    Map<String, Object> now = get(path);

    assertThat(then.get("moment")).isEqualTo(Map.of("lsn", "0/300", "at", 1795341604000L));
    assertThat(then.get("rows"))
        .isEqualTo(
            List.of(List.of("1", "one", "1.75"), java.util.Arrays.asList("2", null, "2.75")));
    assertThat(then.get("previous")).isEqualTo(Map.of("lsn", "0/100", "at", 1795341600000L));
    assertThat(now.get("rows")).isEqualTo(List.of(List.of("1", "one", "1.75")));
    assertThat(now.get("next")).isNull();
    assertThat(list(get(path + "&at=0/100"), "rows").toString()).isEqualTo("[[1, one, 1.50]]");
  }

  @Test
  void tablesHaveEstimatesAndRates() throws Exception {
    stand.execute("ANALYZE public.fund_trail");

    Map<String, Object> fund =
        list(get("/api/tables"), "tables").stream()
            .filter(table -> table.get("topic").equals(ConsoleStand.FUND))
            .findFirst()
            .orElseThrow();

    assertThat(fund).containsEntry("trailRows", 5L).containsEntry("lsn", "0/400");
    assertThat(fund.get("changed")).isNotNull();
  }

  @Test
  void theOverviewHasWhatTheStagesSayAndServe() throws Exception {
    Map<String, Object> overview =
        await()
            .atMost(PATIENCE)
            .until(() -> get("/api/overview?since=0"), answer -> !list(answer, "points").isEmpty());

    Map<String, Object> trail = stage(overview, "postgres-trail");
    assertThat(trail.get("state")).isEqualTo("attention");
    assertThat(trail.get("says").toString()).contains("its column is <odd>");
    assertThat(String.valueOf(trail.get("figures"))).contains("lagEvents=3");
    assertThat(trail.get("says").toString()).contains("It is 61 s behind the source.");
    assertThat(stage(overview, "capture").get("state")).isEqualTo("ok");
    assertThat(stage(overview, "delta-trail").get("state")).isEqualTo("unknown");
    List<?> fields = (List<?>) overview.get("fields");
    List<?> point = (List<?>) ((List<?>) overview.get("points")).get(0);
    double captured = ((Number) point.get(1 + fields.indexOf("capture.rate"))).doubleValue();
    double written = ((Number) point.get(1 + fields.indexOf("delta-mirror.rate"))).doubleValue();
    assertThat(captured).isPositive();
    assertThat(written).isPositive();
    assertThat(((Number) point.get(1 + fields.indexOf("delta-mirror.p50"))).doubleValue())
        .isEqualTo(0.5);
    Object newest = overview.get("sequence");
    assertThat(get("/api/overview?since=" + newest).get("points").toString().length())
        .isLessThan(overview.get("points").toString().length() + 1);
  }

  private static Map<String, Object> stage(Map<String, Object> overview, String id) {
    return list(overview, "stages").stream()
        .filter(stage -> stage.get("id").equals(id))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theQuarantineIsListed() throws Exception {
    assertThat(list(get("/api/quarantine"), "records"))
        .singleElement()
        .satisfies(
            record ->
                assertThat(record)
                    .containsEntry("reason", "no JSON")
                    .containsEntry("offset", 17L)
                    .containsEntry("value", "<b>no</b>"));
  }

  @Test
  void theLastVerificationIsShownWithItsTime() throws Exception {
    Files.writeString(
        stand.fake().home().resolve("verification.json"),
        "{\"endedAt\":\"2026-11-22T10:00:00Z\",\"report\":{\"verdict\":\"match\"}}");

    assertThat(get("/api/verification"))
        .containsEntry("at", 1795341600000L)
        .containsEntry("report", Map.of("verdict", "match"));
    Files.delete(stand.fake().home().resolve("verification.json"));
    assertThat(get("/api/verification").get("report")).isNull();
  }

  @Test
  void aDatabaseThatDoesNotAnswerIsSaidSo() throws Exception {
    try (Console console =
        stand.another(Map.of("sink.url", "jdbc:postgresql://127.0.0.1:1/nothing"))) {
      HttpResponse<String> response =
          send(HttpRequest.newBuilder(URI.create(console.url() + "api/changes")));

      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.body()).contains("The trail's database does not answer");
    }
  }

  @Test
  void itsConnectionsAreReadOnlyAndQueriesEnd() {
    ReadOnlyDatabase database = new ReadOnlyDatabase("the database", stand::database);

    assertThatExceptionOfType(RequestException.class)
        .isThrownBy(() -> database.read(c -> c.createStatement().execute("CREATE TABLE t ()")))
        .withMessageContaining("read-only transaction");
    assertThatExceptionOfType(RequestException.class)
        .isThrownBy(() -> database.read(c -> c.createStatement().execute("SELECT pg_sleep(60)")))
        .satisfies(e -> assertThat(e.status()).isEqualTo(504));
  }

  @Test
  void aTableThatIsLockedIsSaidSo() throws Exception {
    try (Connection other = stand.database().connect()) {
      other.setAutoCommit(false);
      other.createStatement().execute("LOCK TABLE public.log_trail");

      assertRefused("/api/changes?topic=" + ConsoleStand.LOG, 503, "locked");
    }
  }

  // Whom it answers

  @Test
  void anotherHostsNameIsNotOurs() throws Exception {
    assertThat(statusFor("127.0.0.1:1")).isEqualTo(200);
    assertThat(statusFor("localhost")).isEqualTo(200);
    assertThat(statusFor("[::1]:80")).isEqualTo(200);
    assertThat(statusFor("evil.example")).isEqualTo(421);
    assertThat(statusFor("127.0.0.1.evil.example:80")).isEqualTo(421);
  }

  private int statusFor(String host) throws IOException {
    URI url = URI.create(stand.console().url());
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      socket
          .getOutputStream()
          .write(
              ("GET /api/tables HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return Integer.parseInt(answer.split(" ")[1]);
    }
  }

  @Test
  void onlyReadingMethodsAndNoBodies() throws Exception {
    assertThat(send(request("/api/tables").POST(BodyPublishers.noBody())).statusCode())
        .isEqualTo(405);
    assertThat(send(request("/api/tables").POST(BodyPublishers.ofString("x"))).statusCode())
        .isEqualTo(413);
    assertThat(send(request("/api/actions/verify")).statusCode()).isEqualTo(405);
  }

  @Test
  void pagesMayNeitherBeFramedNorRunForeignScripts() throws Exception {
    HttpResponse<String> page = send(request("/"));

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(page.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(page.headers().firstValue("Referrer-Policy")).contains("no-referrer");
    assertThat(page.body()).doesNotContain("style=", "onclick", "http://", "https://");
    String tag = page.headers().firstValue("ETag").orElseThrow();
    assertThat(send(request("/").header("If-None-Match", tag)).statusCode()).isEqualTo(304);
  }

  @Test
  void anActionNeedsTheToken() throws Exception {
    assertThat(act(stand.console(), "verify", null)).isEqualTo(401);
    assertThat(act(stand.console(), "verify", ConsoleStand.TOKEN + "x")).isEqualTo(401);
    try (Console readOnly = stand.another(Map.of())) {
      assertThat(act(readOnly, "verify", ConsoleStand.TOKEN)).isEqualTo(403);
      assertThat(act(readOnly, "verify", "")).isEqualTo(403);
    }
    assertThat(stand.fake().pids("verify")).isEmpty();
  }

  private static int act(Console console, String action, String token) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(console.url() + "api/actions/" + action))
            .POST(BodyPublishers.noBody());
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return send(request).statusCode();
  }

  @Test
  void anActionIsASubcommandAndIsAccountedFor() throws Exception {
    Files.writeString(stand.fake().home().resolve("behave-snapshot"), "echo asked; exit 0");

    assertThat(act(stand.console(), "snapshot?topic=" + ConsoleStand.FUND, ConsoleStand.TOKEN))
        .isEqualTo(200);

    await()
        .atMost(PATIENCE)
        .until(
            () ->
                list(get("/api/overview"), "actions").stream()
                    .anyMatch(
                        run ->
                            run.get("action").equals("snapshot")
                                && Long.valueOf(0).equals(run.get("exitCode"))));
    assertThat(Files.readString(stand.fake().home().resolve("arguments-snapshot")))
        .contains("--table=public.fund");
    assertThat(Files.readString(stand.fake().home().resolve("logs/actions.log")))
        .contains(
            "by=console action=snapshot about=public.fund outcome=started",
            "outcome=\"ended with code 0\"")
        .doesNotContain(ConsoleStand.TOKEN);
    assertThat(act(stand.console(), "snapshot", ConsoleStand.TOKEN)).isEqualTo(400);
    assertThat(act(stand.console(), "drop", ConsoleStand.TOKEN)).isEqualTo(404);
  }

  @Test
  void anAddressThatOthersReachNeedsTheTokenForAllData() throws Exception {
    assertThatExceptionOfType(KappaException.class)
        .isThrownBy(
            () ->
                Console.check(
                    new ConfigLoader()
                        .flags(Map.of("console.http-address", "0.0.0.0:0"))
                        .load()
                        .console()))
        .withMessageContaining("no console.token")
        .satisfies(e -> assertThat(e.remedy()).contains("KAPPA_CONSOLE_TOKEN"));
    try (Console console =
        stand.another(
            Map.of("console.http-address", "0.0.0.0:0", "console.token", ConsoleStand.TOKEN))) {
      URI tables = URI.create(console.url() + "api/tables");
      assertThat(send(HttpRequest.newBuilder(tables)).statusCode()).isEqualTo(401);
      assertThat(
              send(HttpRequest.newBuilder(tables)
                      .header("Authorization", "Bearer " + ConsoleStand.TOKEN))
                  .statusCode())
          .isEqualTo(200);
      assertThat(send(HttpRequest.newBuilder(URI.create(console.url()))).statusCode())
          .isEqualTo(200);
    }
  }
}
