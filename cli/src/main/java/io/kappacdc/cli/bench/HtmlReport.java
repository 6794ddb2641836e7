package io.kappacdc.cli.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * A run as one HTML page that needs nothing else: the result's JSON, the library that draws the
 * charts, and what puts them together.
 */
final class HtmlReport {
  private static final String TEMPLATE = "/bench/report.html";

  /** Chart.js, MIT licence, as its WebJar has it; the build names the version. */
  private static final String CHARTS = "META-INF/resources/webjars/chart.js/%s/dist/chart.umd.js";

  private static final String CHARTS_VERSION =
      "META-INF/maven/org.webjars.npm/chart.js/pom.properties";

  private HtmlReport() {}

  static String of(String resultJson) {
    String json = resultJson.replace("</", "<\\/");
    return resource(TEMPLATE).replace("/*CHARTS*/", charts()).replace("/*RESULT*/null", json);
  }

  /** Without the place of its source map, which is not there. */
  private static String charts() {
    return resource("/" + CHARTS.formatted(chartsVersion()))
        .replaceFirst("(?m)^//# sourceMappingURL=.*$", "");
  }

  private static String chartsVersion() {
    return resource("/" + CHARTS_VERSION)
        .lines()
        .filter(line -> line.startsWith("version="))
        .map(line -> line.substring("version=".length()).trim())
        .findFirst()
        .orElseThrow();
  }

  private static String resource(String path) {
    try (InputStream in = HtmlReport.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("The class path has no " + path);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
