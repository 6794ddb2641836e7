package io.kappacdc.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.kappacdc.cli.console.Points.Point;
import io.kappacdc.cli.console.SchemaVersions.Version;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Figures on their way from Prometheus' text to the page. */
class FiguresTest {
  private static final String TEXT =
      """
      # HELP kappa_x x
      kappa_x{table="a\\"b\\\\c,d}",sink="s"} 1.5
      kappa_x{table="e"} 2
      kappa_y 3.0E2 1700000000
      kappa_half{table="
      jvm_x 7
      kappa_h_bucket{sink="s",le="0.5"} 10
      kappa_h_bucket{sink="s",le="1.0"} 20
      kappa_h_bucket{sink="s",le="+Inf"} 20
      """;

  @Test
  void labelsAreUnescapedAndWhatIsNoFigureIsSkipped() {
    Exposition figures = Exposition.parse(TEXT, "kappa_");

    assertThat(figures.sum("kappa_x")).isEqualTo(3.5);
    assertThat(figures.all("kappa_x").get(0).label("table")).isEqualTo("a\"b\\c,d}");
    assertThat(figures.sum("kappa_y")).isEqualTo(300);
    assertThat(figures.sum("jvm_x")).isNaN();
  }

  @Test
  void aQuantileIsOfWhatCameSince() {
    Histogram now = Histogram.of(Exposition.parse(TEXT, "kappa_"), "kappa_h", "sink", "s");

    assertThat(now.quantile(0.5)).isEqualTo(0.5);
    assertThat(now.quantile(0.75)).isEqualTo(0.75);
    assertThat(now.since(now).quantile(0.5)).isNaN();
    assertThat(now.since(Histogram.EMPTY).count()).as("it did not answer before").isZero();
  }

  @Test
  void aCounterThatBeganAnewCountsFromThere() {
    assertThat(Sample.grown(10, 12)).isEqualTo(2);
    assertThat(Sample.grown(10, 3)).isEqualTo(3);
    assertThat(Sample.grown(10, Double.NaN)).isNaN();
    assertThat(Sample.grown(Double.NaN, 10)).as("all of it did not come just now").isNaN();
  }

  @Test
  void anHourHasABoundAndOldPointsAreFolded() {
    Points points = new Points(10);
    for (int i = 1; i <= 15; i++) {
      double[] values = new double[Field.ALL.size()];
      Arrays.fill(values, i);
      points.add(i, values);
    }

    List<Point> all = points.since(0, 2, 4);

    assertThat(all).extracting(Point::sequence).containsExactly(9L, 13L, 14L, 15L);
    assertThat(all.get(0).values()[Field.index("capture.rate")]).isEqualTo(7.5);
    assertThat(all.get(0).values()[Field.index("capture.lag")]).isEqualTo(9);
    assertThat(all.get(0).values()[Field.index("delta-trail.batches")]).isEqualTo(6 + 7 + 8 + 9);
    assertThat(points.since(14, 2, 4)).extracting(Point::sequence).containsExactly(15L);
  }

  @Test
  void aShapeIsToldByWhatItChanged() throws Exception {
    Version first =
        version(
            """
            {"schema":"public","table":"t","identity":"DEFAULT","key":["id"],"columns":[
              {"name":"id","type":"integer","nullable":false},{"name":"a","type":"text","nullable":true}]}""");
    Version second =
        version(
            """
            {"schema":"public","table":"t","identity":"FULL","key":["id"],"columns":[
              {"name":"id","type":"bigint","nullable":false},{"name":"b","type":"date","nullable":true}]}""");

    assertThat(SchemaVersions.changes(first, second))
        .containsExactly(
            "column id: bigint, was integer",
            "column b added, date",
            "column a dropped",
            "replica identity FULL, was DEFAULT");
    Map<String, Object> history = SchemaVersions.history(List.of(first, second));
    assertThat(history).containsEntry("count", 2);
  }

  private static Version version(String json) throws Exception {
    return new Version(0, Json.readObject(json.getBytes(StandardCharsets.UTF_8)));
  }
}
