package io.kappacdc.cli.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The page's files, from the class path, in memory. */
final class Pages {
  private static final String HTML = "text/html; charset=utf-8";
  private static final String CSS = "text/css; charset=utf-8";
  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String IMAGE = "image/svg+xml";

  /** Chart.js, MIT licence, as its WebJar has it; the build names the version. */
  private static final String CHARTS = "/META-INF/resources/webjars/chart.js/%s/dist/chart.umd.js";

  private static final String CHARTS_VERSION =
      "/META-INF/maven/org.webjars.npm/chart.js/pom.properties";

  private final Map<String, Answer> pages = new TreeMap<>();

  Pages() {
    add("/", HTML, resource("/console/index.html"));
    add("/console.css", CSS, resource("/console/console.css"));
    add("/icon.svg", IMAGE, resource("/console/icon.svg"));
    for (String module :
        new String[] {
          "main", "api", "dom", "format", "flow", "charts", "tables", "changes", "moments", "checks"
        }) {
      add("/" + module + ".js", SCRIPT, resource("/console/" + module + ".js"));
    }
    // Without the place of its source map, which is not there.
    String charts = new String(resource(CHARTS.formatted(chartsVersion())), StandardCharsets.UTF_8);
    add(
        "/chart.js",
        SCRIPT,
        charts.replaceFirst("(?m)^//# sourceMappingURL=.*$", "").getBytes(StandardCharsets.UTF_8));
  }

  private void add(String path, String type, byte[] content) {
    pages.put(path, new Answer(200, type, content, '"' + hash(content) + '"'));
  }

  private static String chartsVersion() {
    return new String(resource(CHARTS_VERSION), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("version="))
        .map(line -> line.substring("version=".length()).trim())
        .findFirst()
        .orElseThrow();
  }

  private static String hash(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  private static byte[] resource(String path) {
    try (InputStream in = Pages.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("The class path has no " + path);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Optional<Answer> page(String path) {
    return Optional.ofNullable(pages.get(path));
  }
}
