package io.kappacdc.cli.console;

import com.sun.net.httpserver.Headers;
import io.kappacdc.cli.console.Changes.Place;
import io.kappacdc.runtime.KappaHome;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the page asks for, by name, and what it may start. */
final class Api {
  static final String DATA = "/api/";
  static final String ACTIONS = "/api/actions/";

  private static final int CHANGES_DEFAULT = 25;
  private static final int LIFE_MAX = 200;

  private final KappaHome home;
  private final Access access;
  private final ReadOnlyDatabase sink;
  private final ReadOnlyDatabase source;
  private final Sampler sampler;
  private final Overview overview;
  private final SchemaVersions schemas;
  private final Actions actions;

  Api(
      KappaHome home,
      Access access,
      Databases databases,
      Sampler sampler,
      Overview overview,
      SchemaVersions schemas,
      Actions actions) {
    this.home = home;
    this.access = access;
    this.sink = databases.sink();
    this.source = databases.source();
    this.sampler = sampler;
    this.overview = overview;
    this.schemas = schemas;
    this.actions = actions;
  }

  /** The two that are read. */
  record Databases(ReadOnlyDatabase sink, ReadOnlyDatabase source) {}

  /**
   * Answers.
   *
   * @throws RequestException if there is no answer
   */
  Answer data(String name, Query query) {
    return switch (name) {
      case "overview" -> Answer.json(overview(query));
      case "tables" -> Answer.json(Tables.list(sink, source, sampler));
      case "schemas" -> Answer.json(schemas(query));
      case "changes" -> Answer.json(changes(query));
      case "row" -> Answer.json(row(query));
      case "moments" -> Answer.json(sink.read(Moments::range));
      case "as-of" ->
          Answer.json(
              sink.read(
                  connection ->
                      Moments.rows(connection, query.required("topic"), query.text("at"))));
      case "quarantine" -> Answer.json(sink.read(QuarantinedRecords::newest));
      case "verification" -> Answer.json(LastVerification.read(home.directory()));
      default ->
          throw new RequestException(
              404, "There is no such data", "nothing here is called " + name, "Load the page.");
    };
  }

  private Map<String, @Nullable Object> overview(Query query) {
    Map<String, @Nullable Object> json = overview.json(query.number("since", 0, 0, Long.MAX_VALUE));
    json.put("home", shown(home.directory()));
    json.put("actionsOn", access.actionsAreOn());
    json.put("actions", actions.json());
    return json;
  }

  /** Relative to the working directory when it lies below it. */
  private static String shown(Path path) {
    Path here = Path.of("").toAbsolutePath();
    return (path.startsWith(here) ? here.relativize(path) : path).toString();
  }

  private Map<String, @Nullable Object> schemas(Query query) {
    String topic = query.required("topic");
    String table = sink.read(connection -> TrailTable.find(connection, topic).name());
    return schemas.of(table);
  }

  private Map<String, @Nullable Object> changes(Query query) {
    String topic = query.text("topic");
    Place before = Place.parse(query.text("before"));
    int limit = (int) query.number("limit", CHANGES_DEFAULT, 1, Changes.CHANGES_MAX);
    return sink.read(
        connection ->
            topic.isEmpty()
                ? Changes.ofAll(connection, before, limit)
                : Changes.ofTable(connection, topic, before, limit));
  }

  private Map<String, @Nullable Object> row(Query query) {
    String topic = query.required("topic");
    List<String> key = query.all("key");
    int limit = (int) query.number("limit", LIFE_MAX, 1, LIFE_MAX);
    return sink.read(connection -> Changes.ofRow(connection, topic, key, limit));
  }

  /**
   * Starts an action.
   *
   * @throws RequestException without the right to, or if it does not start
   */
  Answer act(String name, Headers headers, Query query) {
    Action action =
        Action.of(name)
            .orElseThrow(
                () ->
                    new RequestException(
                        404, "There is no such action", "nothing is called so", "Load the page."));
    String topic = query.text("topic");
    if (!access.actionsAreOn()) {
      actions.refused(action, "the console is read-only");
      throw new RequestException(
          403,
          "The console is read-only",
          "no console.token is configured",
          "Set KAPPA_CONSOLE_TOKEN to a secret of at least 16 characters and start it again.");
    }
    if (!access.hasToken(headers)) {
      actions.refused(action, "the token is wrong or missing");
      throw new RequestException(
          401, "The action was not started", "the token is wrong or missing", "Give it again.");
    }
    String target = "";
    if (!topic.isEmpty()) {
      target = sink.read(connection -> TrailTable.find(connection, topic).name());
    } else if (action == Action.SNAPSHOT) {
      throw RequestException.badParameter("topic", "the topic of the table to be read again");
    }
    actions.start(action, action == Action.QUARANTINE_RETRY ? "" : target);
    return Answer.json(Json.object("started", true));
  }
}
