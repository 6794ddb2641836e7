package io.kappacdc.cli;

import io.kappacdc.cli.supervise.Supervisor;
import io.kappacdc.runtime.KappaHome;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How to get at the parts of a running stack, in lines to be copied. */
record ConnectionDetails(KappaHome home, Supervisor supervisor) {

  List<String> lines() {
    Map<String, String> values = supervisor.effective();
    List<String> lines = new ArrayList<>();
    lines.add("  source  " + database("source", values));
    lines.add("  sink    " + database("sink", values));
    lines.add("  kafka   " + values.get("kafka.bootstrap-servers") + where("kafka"));
    lines.add("  lake    " + values.get("lake.path"));
    lines.add("  logs    " + shown(supervisor.logs()));
    return lines;
  }

  /** Where a role serves metrics and health. */
  static String http(String role, String url) {
    return "  http    %s   (%s; also /metrics, /livez, /readyz)".formatted(url + "/health", role);
  }

  private String database(String section, Map<String, String> values) {
    String url = values.get(section + ".url");
    return supervisor.embedded().contains(section)
        ? psql(url, values.get(section + ".user")) + where(section)
        : url + where(section);
  }

  private String where(String section) {
    return supervisor.embedded().contains(section) ? "   (embedded)" : "   (as configured)";
  }

  private String psql(String url, String user) {
    URI uri = URI.create(url.substring("jdbc:".length()));
    return "PGPASSFILE=%s psql -h %s -p %d -U %s %s"
        .formatted(
            shown(home.resolve("pgpass")),
            uri.getHost(),
            uri.getPort(),
            user,
            uri.getPath().substring(1));
  }

  /** Relative to the working directory when it lies below it. */
  static String shown(Path path) {
    Path here = Path.of("").toAbsolutePath();
    return path.startsWith(here) ? here.relativize(path).toString() : path.toString();
  }
}
